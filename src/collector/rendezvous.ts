/**
 * Where the endpoints of a Trial and its controller meet: what endpoints told, what they are to be answered.
 * In memory only, no I/O. All of it can be lost: endpoints call again and tell everything again.
 */
import type {
  BarrierReply,
  EndpointName,
  Problem,
  Refusal,
  Registration,
  ResultDocument,
  TrialPlan,
} from '../api/protocol.ts';
import { Room, type Received } from './room.ts';

/** What one endpoint has told so far. Checked, but still an endpoint's word. */
export interface EndpointView {
  registration: Registration | null;
  result: ResultDocument | null;
  /** `sha256:<hex>` of the result's JSON text, which is what `resultGzip` unpacks to. */
  resultDigest: string | null;
  resultGzip: Buffer | null;
  /** What the endpoint reported instead of registering, or why its last post was turned down. */
  fault: Problem | null;
}

export type Retry = { retry: true };
export type Refused = { refusal: Refusal };
export type Registered = { plan: TrialPlan } | Retry | Refused;
export type ResultTaken = { stored: { duplicate: boolean } } | Retry | Refused | { conflict: Refusal };
export type Met = { start: BarrierReply } | Retry | Refused;

/** Time between the common release of a barrier and the common start: covers how differently replies travel. */
const START_DELAY_MS = 100;
const GONE: Refusal = { reason: 'TrialGone', message: 'The trial has ended.', final: true };
const MEASURED: Refusal = { reason: 'AlreadyMeasured', message: 'The results of this trial are stored.', final: true };
const REGISTERED: Refusal = {
  reason: 'AlreadyRegistered',
  message: 'This endpoint registered as something else, and the trial has begun.',
  final: true,
};
const CONFLICT: Refusal = {
  reason: 'ResultConflict',
  message: 'This endpoint already gave another result; the first one counts.',
  final: true,
};

export class Rendezvous {
  readonly #rooms = new Map<string, Room>();
  readonly #listeners: ((trialUid: string) => void)[] = [];
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** What the endpoints of a Trial have told; empty where none has called. */
  view(trialUid: string): ReadonlyMap<EndpointName, EndpointView> {
    return this.#rooms.get(trialUid)?.endpoints ?? new Map<EndpointName, EndpointView>();
  }

  /** All endpoints are ready: registrations, held and later ones, are answered with the plan. */
  release(trialUid: string, plan: TrialPlan): void {
    const room = this.#room(trialUid);
    room.plan = plan;
    room.wake();
  }

  /** The results are stored durably: result posts, held and later ones, are answered with 200. */
  acknowledge(trialUid: string): void {
    const room = this.#room(trialUid);
    room.acknowledged = true;
    room.wake();
  }

  /** Ends the Trial for its endpoints: every call, held or later, is answered with the refusal. */
  refuse(trialUid: string, refusal: Refusal): void {
    const room = this.#room(trialUid);
    room.refusal = refusal;
    room.wake();
  }

  /** Drops all that is known of a Trial; calls still held are refused. */
  forget(trialUid: string): void {
    const room = this.#rooms.get(trialUid);
    if (room === undefined) return;
    this.#rooms.delete(trialUid);
    room.refusal ??= GONE;
    room.wake();
  }

  /** Calls `listener` with a Trial's UID whenever its view has changed. It must not throw. */
  onChange(listener: (trialUid: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a registration and waits for the plan; `retry` when `signal` aborts first. */
  async register(
    trialUid: string,
    endpoint: EndpointName,
    registration: Registration,
    signal: AbortSignal,
  ): Promise<Registered> {
    const room = this.#room(trialUid);
    if (room.refusal !== null) return { refusal: room.refusal };
    if (room.acknowledged) return { refusal: MEASURED };
    const known = room.endpoint(endpoint).registration;
    const same = JSON.stringify(known) === JSON.stringify(registration);
    if (known !== null && !same && room.plan !== null) return { refusal: REGISTERED };
    if (!same) {
      room.change(endpoint, { registration, fault: null });
      this.#changed(trialUid);
    }
    return room.until<Registered>(() => planOf(room), signal, { retry: true });
  }

  /**
   * Takes a result, the first per endpoint, and waits until it is acknowledged; `retry` when `signal` aborts first.
   * Needs no registration before it: the document carries one.
   */
  async result(trialUid: string, endpoint: EndpointName, given: Received, signal: AbortSignal): Promise<ResultTaken> {
    const room = this.#room(trialUid);
    const view = room.endpoint(endpoint);
    const duplicate = view.resultDigest === given.digest;
    if (view.resultDigest !== null && !duplicate) return { conflict: CONFLICT };
    if (!duplicate && room.refusal === null) {
      const registration = view.registration ?? given.document.registration;
      const result = { result: given.document, resultDigest: given.digest, resultGzip: given.gzip };
      room.change(endpoint, { registration, ...result, fault: null });
      this.#changed(trialUid);
    }
    return room.until<ResultTaken>(() => receiptOf(room, duplicate), signal, { retry: true });
  }

  /**
   * Waits until every client of the Trial (`pairs` of them) has come to `step` or beyond: a client whose release was
   * lost with a restart of the operator must not wait for those that were let go. `retry` when `signal` aborts first.
   */
  async barrier(
    trialUid: string,
    endpoint: EndpointName,
    at: { step: number; pairs: number },
    signal: AbortSignal,
  ): Promise<Met> {
    const room = this.#room(trialUid);
    if (room.arrive(endpoint, at.step, room.plan?.pairs ?? at.pairs, this.#now())) room.wake();
    return room.until<Met>(() => startOf(room, at.step, this.#now()), signal, { retry: true });
  }

  /** Notes why an endpoint could not go on, or why its post was turned down. A result once taken stands. */
  fault(trialUid: string, endpoint: EndpointName, fault: Problem): void {
    const room = this.#room(trialUid);
    if (room.endpoint(endpoint).result !== null) return;
    room.change(endpoint, { fault });
    this.#changed(trialUid);
  }

  #room(trialUid: string): Room {
    const known = this.#rooms.get(trialUid);
    if (known !== undefined) return known;
    const room = new Room();
    this.#rooms.set(trialUid, room);
    return room;
  }

  #changed(trialUid: string): void {
    for (const listener of this.#listeners) listener(trialUid);
  }
}

function planOf(room: Room): Registered | null {
  if (room.refusal !== null) return { refusal: room.refusal };
  return room.plan === null ? null : { plan: room.plan };
}

function receiptOf(room: Room, duplicate: boolean): ResultTaken | null {
  if (room.acknowledged) return { stored: { duplicate } };
  return room.refusal === null ? null : { refusal: room.refusal };
}

function startOf(room: Room, step: number, now: number): Met | null {
  if (room.refusal !== null) return { refusal: room.refusal };
  const opened = room.opened.get(step);
  if (opened === undefined) return null;
  return { start: { startInMs: Math.max(0, opened + START_DELAY_MS - now), now } };
}
