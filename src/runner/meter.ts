/**
 * Reads a NIC's counters when they are complete. Some drivers fill them late: iavf asks its PF every 2 s, bnxt_en's hardware
 * writes them every second. Others (virtio_net, veth, mlx5, igbvf) count as they send: for them nothing here waits.
 */
import type { NicCounters } from '../api/protocol.ts';
import { type Snapshot, snapshot } from './counters.ts';
import { LATE_MS } from './deadlines.ts';
import { pause } from './wait.ts';

export type ReadCounters = (nic: string) => Promise<Snapshot>;

const READ_PAUSE_MS = 50;

export class Meter {
  readonly #nic: string;
  readonly #signal: AbortSignal;
  readonly #read: ReadCounters;

  constructor(nic: string, signal: AbortSignal, read: ReadCounters = snapshot) {
    this.#nic = nic;
    this.#signal = signal;
    this.#read = read;
  }

  now(): Promise<Snapshot> {
    return this.#read(this.#nic);
  }

  /**
   * Waits until no bytes from before `mark` are still to be counted. An order and its reply have passed since: counters
   * that show packets both ways which `mark` lacks were filled after it. Two equal readings would prove nothing of a driver
   * that fills them every 2 s, unless all drivers were made to wait so long. Gives up after LATE_MS.
   */
  async caughtUp(mark: NicCounters): Promise<void> {
    await this.#until(({ nic }) => nic.rxPackets !== mark.rxPackets && nic.txPackets !== mark.txPackets);
  }

  /** `ended` with counters that `isEnough` accepts, or with those of LATE_MS later. Its time and CPU stay as they were. */
  async complete(ended: Snapshot, isEnough: (counters: NicCounters) => boolean): Promise<Snapshot> {
    if (isEnough(ended.nic)) return ended;
    const { nic } = await this.#until((found) => isEnough(found.nic));
    return { ...ended, nic };
  }

  async #until(isDone: (found: Snapshot) => boolean): Promise<Snapshot> {
    const deadline = Date.now() + LATE_MS;
    let found = await this.now();
    while (!isDone(found) && Date.now() < deadline) {
      await pause(READ_PAUSE_MS, this.#signal);
      found = await this.now();
    }
    return found;
  }
}
