/**
 * The process of a launcher pod's compute container: virt-launcher with its one guest. The node agent starts and ends
 * it like any container; the VM agent boots the guest in it and learns from it how the guest fares.
 */
import type { Child, PodSandbox, VmOptions } from '../substrate/types.ts';
import type { Exit } from './container-status.ts';
import type { Pod } from './objects.ts';
import type { Domain } from './vmi-status.ts';

/** How long the process outlives its guest, waiting for the VM agent to have written down the guest's end. */
const LINGER_MS = 5_000;

export interface LauncherHooks {
  /** Called whenever `domain` changes. */
  onChange(): void;
}

export class LauncherProcess {
  readonly pod: Pod;
  readonly #sandbox: PodSandbox;
  readonly #hooks: LauncherHooks;
  readonly #exit = Promise.withResolvers<Exit>();
  #domain: Domain = 'None';
  #booted = false;
  #guest: Child | undefined;
  #ending = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(pod: Pod, sandbox: PodSandbox, hooks: LauncherHooks) {
    this.pod = pod;
    this.#sandbox = sandbox;
    this.#hooks = hooks;
  }

  get domain(): Domain {
    return this.#domain;
  }

  /** Whether the guest has been started, or is being started. */
  get booted(): boolean {
    return this.#booted;
  }

  /** Settles when the compute container has ended. */
  get exited(): Promise<Exit> {
    return this.#exit.promise;
  }

  /** Starts the guest; without options, one that never says anything. Rejects where QEMU cannot be started. */
  async boot(options: VmOptions | null): Promise<void> {
    if (this.#booted || this.#ending) return;
    this.#booted = true;
    if (options !== null) {
      this.#guest = await this.#sandbox.startVm(options);
      this.#watch(this.#guest);
    }
    if (this.#ending) return this.#guest?.kill();
    this.#enter('Running');
  }

  /** As virt-launcher on SIGTERM: the guest is told to power down, and the process ends with it. */
  async powerDown(): Promise<void> {
    this.#ending = true;
    if (this.#guest === undefined) return this.#over('Killed', 0);
    await this.#guest.powerDown();
  }

  /** The guest is ended at once; the process follows when its end is written down. */
  destroyGuest(): void {
    this.#ending = true;
    if (this.#guest === undefined) return this.#over('Killed', 0);
    this.#guest.kill();
  }

  /** QEMU dies as by a bug of its own. */
  crashGuest(): void {
    this.#guest?.kill();
  }

  /** The process dies, and its guest with it. */
  crash(code: number): void {
    this.#guest?.kill();
    this.#enter('Crashed');
    this.#finish(code);
  }

  /** SIGKILL. */
  kill(): void {
    this.#ending = true;
    this.#guest?.kill();
    if (this.#domain === 'None' || this.#domain === 'Running') this.#enter('Killed');
    this.#finish(137);
  }

  /** The end of the guest has been written down (or nobody is left to write it): the process may end. */
  release(): void {
    if (this.#domain === 'None' || this.#domain === 'Running') return;
    this.#finish(this.#domain === 'Crashed' ? 1 : 0);
  }

  #watch(guest: Child): void {
    void guest.exited.then(({ code, signal }) => {
      if (this.#ending) return this.#over('Killed', 0);
      const clean = code === 0 && signal === null;
      this.#over(clean ? 'Shutoff' : 'Crashed', clean ? 0 : 1);
    });
  }

  #over(domain: Domain, code: number): void {
    this.#enter(domain);
    this.#linger ??= setTimeout(() => this.#finish(code), LINGER_MS);
  }

  #enter(domain: Domain): void {
    // Whoever is told looks again, and may end the guest again: without a change that would go round for ever.
    if (domain === this.#domain) return;
    this.#domain = domain;
    this.#hooks.onChange();
  }

  #finish(code: number): void {
    clearTimeout(this.#linger);
    this.#exit.resolve({ code });
  }
}

/** The launchers that live, by UID of their VMI. */
export class Launchers {
  readonly #byVmi = new Map<string, LauncherProcess>();
  /** Called with `namespace/name` of the VMI of a launcher whose guest's state has changed. */
  onChange: (vmi: string) => void = () => {};

  changed(vmi: string): void {
    this.onChange(vmi);
  }

  get(vmiUid: string): LauncherProcess | undefined {
    return this.#byVmi.get(vmiUid);
  }

  add(vmiUid: string, launcher: LauncherProcess): void {
    this.#byVmi.set(vmiUid, launcher);
    this.changed(vmiKey(launcher.pod) ?? '');
  }

  /** Ends and forgets the launchers of VMIs called `namespace/name`, but for the one with this UID. */
  dropOthers(key: string, vmiUid: string | undefined): void {
    for (const [uid, launcher] of this.#byVmi) {
      if (uid === vmiUid || vmiKey(launcher.pod) !== key) continue;
      launcher.kill();
      this.#byVmi.delete(uid);
    }
  }
}

/** `namespace/name` of the VMI that owns a launcher pod; undefined for any other pod. */
export function vmiKey(pod: Pod): string | undefined {
  const owner = pod.metadata.ownerReferences?.find((each) => each.kind === 'VirtualMachineInstance');
  return owner === undefined ? undefined : `${pod.metadata.namespace ?? ''}/${owner.name}`;
}
