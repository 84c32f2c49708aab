/** Sums of the payload that tools count, and what the server's own tool counted of it. */
import type { MovedBytes } from '../api/protocol.ts';
import { receivedHere } from './parse/iperf3Sums.ts';
import { parseObject } from './parse/json.ts';

/** Nothing known counts as nothing moved: the sum stays one of bytes that did arrive. */
export function sumMoved(...parts: (MovedBytes | undefined)[]): MovedBytes {
  return combined(parts, (all, one) => all + one);
}

/** Both ends speak of the same bytes: the more of them. */
export function mostMoved(...parts: (MovedBytes | undefined)[]): MovedBytes {
  return combined(parts, Math.max);
}

/**
 * What an iperf3 server that printed its document (`-s -1 -J`) received. Only the receiver knows how much of a warm-up
 * arrived: the sender counts what it handed to its socket. Undefined where the text is no such document.
 */
export function movedToIperf3Server(stdout: string): MovedBytes | undefined {
  const root = parseObject(stdout);
  return root === null ? undefined : { toServer: receivedHere(root), toClient: 0 };
}

function combined(parts: readonly (MovedBytes | undefined)[], join: (all: number, one: number) => number): MovedBytes {
  return parts.reduce<MovedBytes>(
    (all, one) => ({
      toServer: join(all.toServer, one?.toServer ?? 0),
      toClient: join(all.toClient, one?.toClient ?? 0),
    }),
    { toServer: 0, toClient: 0 },
  );
}
