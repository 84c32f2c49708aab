/** What waiting Trials were told, and when: each new place in a long queue need not be written at once. */
import type { Request } from '../plan/allocate.ts';
import type { Finding } from '../plan/observed.ts';

/** A wait this short is the normal hand-over between two trials and not worth a write. */
export const QUIET_MS = 3000;
/** Least time between two notes that only change the place, or who comes before. */
export const REFRESH_MS = 5000;

type Subject = Pick<Request, 'uid' | 'createdAt'>;

export class Notices {
  readonly #at = new Map<string, { time: number; reason: string }>();

  /** Milliseconds until the Trial may be told so; 0 where it is due. */
  wait({ uid, createdAt }: Subject, { reason }: Finding, now: number): number {
    const last = this.#at.get(uid);
    const due = last?.reason === reason ? last.time + REFRESH_MS : createdAt + QUIET_MS;
    return Math.max(0, due - now);
  }

  told({ uid }: Subject, { reason }: Finding, time: number): void {
    this.#at.set(uid, { time, reason });
  }

  /** Forgets all but these. */
  keep(waiting: readonly Subject[]): void {
    const uids = new Set(waiting.map(({ uid }) => uid));
    for (const uid of this.#at.keys()) if (!uids.has(uid)) this.#at.delete(uid);
  }
}
