/**
 * Events about objects (events.k8s.io/v1), for people who look with `kubectl describe`. Best effort: a failure is
 * logged and never thrown. The same event again within ten minutes is dropped; so is what exceeds the rate.
 */
import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import type { KubeClient } from './client.ts';
import { systemClock, type Clock } from './clock.ts';
import { microTime } from './microtime.ts';
import type { KubeObject } from './object.ts';
import { EVENTS } from './resources.ts';

export interface EventText {
  type: 'Normal' | 'Warning';
  /** CamelCase, what happened. */
  reason: string;
  message: string;
  /** What was done or tried; default: the reason. */
  action?: string;
}

export interface EventRecorderOptions {
  client: KubeClient;
  /** Name of the controller, `example.com/operator`. */
  component: string;
  /** Name of this process, usually the Pod's. */
  instance: string;
  log: Logger;
  clock?: Clock;
}

/** Bounds of the server's validation. */
const MAX_NOTE_BYTES = 1024;
const MAX_REASON = 128;
const MAX_NAME = 253;

const SAME_WINDOW_MS = 600_000;
const REMEMBERED = 2048;
const BURST = 50;
const PER_SECOND = 1;
const TIMEOUT_MS = 10_000;

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  /** Fingerprint of an event -> when it was last written. */
  readonly #written = new Map<string, number>();
  #tokens = BURST;
  #filledAt: number;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#filledAt = this.#clock.now();
  }

  /** Records an event about an object. Resolves when it is written or dropped. */
  async event(regarding: KubeObject, text: EventText): Promise<void> {
    if (this.#isRepeated(regarding, text)) return;
    if (!this.#takeToken()) {
      this.#options.log.warn({ reason: text.reason }, 'Dropping an event, too many');
      return;
    }
    try {
      await this.#options.client.create(EVENTS, this.#render(regarding, text), { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      this.#options.log.warn({ err: error, reason: text.reason }, 'Dropping an event, it could not be written');
    }
  }

  #isRepeated(regarding: KubeObject, text: EventText): boolean {
    const { uid, namespace, name } = regarding.metadata;
    const print = JSON.stringify([uid, namespace, name, text.type, text.reason, text.message, text.action]);
    const now = this.#clock.now();
    const last = this.#written.get(print);
    if (last !== undefined && now - last < SAME_WINDOW_MS) return true;
    this.#written.delete(print);
    this.#written.set(print, now);
    this.#forgetOldest();
    return false;
  }

  #forgetOldest(): void {
    if (this.#written.size <= REMEMBERED) return;
    for (const oldest of this.#written.keys()) {
      this.#written.delete(oldest);
      return;
    }
  }

  #takeToken(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  #render(regarding: KubeObject, text: EventText): KubeObject {
    const { namespace, name, uid, resourceVersion } = regarding.metadata;
    const wall = this.#clock.wall();
    const unique = createHash('sha256')
      .update(JSON.stringify([uid, text, wall]))
      .digest('hex')
      .slice(0, 16);
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { namespace: namespace ?? 'default', name: `${prefixOf(name)}.${unique}` },
      eventTime: microTime(wall),
      type: text.type,
      reason: text.reason.slice(0, MAX_REASON),
      action: (text.action ?? text.reason).slice(0, MAX_REASON),
      note: cut(text.message, MAX_NOTE_BYTES),
      reportingController: this.#options.component,
      reportingInstance: this.#options.instance.slice(0, MAX_REASON),
      regarding: { apiVersion: regarding.apiVersion, kind: regarding.kind, namespace, name, uid, resourceVersion },
    };
    return event;
  }
}

/** As much of a name as leaves room for a suffix, and may stand before a dot. */
function prefixOf(name: string): string {
  return name.slice(0, MAX_NAME - 17).replace(/[^a-z0-9]+$/, '');
}

/** The text within so many bytes of UTF-8, ending in an ellipsis where it was cut. */
export function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return `${bytes.subarray(0, end).toString()}…`;
}
