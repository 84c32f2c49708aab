/** Two pods on two nodes of the sandbox's network, and both ways of measuring between them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPoint } from '../../src/api/protocol.ts';
import { createLogger } from '../../src/log.ts';
import { openCache } from '../../src/sandbox/assets/cache.ts';
import { MachineLacksError } from '../../src/sandbox/assets/errors.ts';
import { createProgress } from '../../src/sandbox/assets/progress.ts';
import { runnerBundle } from '../../src/sandbox/bundles.ts';
import { createStateDirectory, defaultStateRoot, removeStale } from '../../src/sandbox/controlplane/stale.ts';
import { guestImage } from '../../src/sandbox/guest/image.ts';
import { checkSubstrate } from '../../src/sandbox/substrate/check.ts';
import { openSubstrate } from '../../src/sandbox/substrate/substrate.ts';
import { sandboxTools } from '../../src/sandbox/substrate/tools.ts';
import type { Substrate } from '../../src/sandbox/substrate/types.ts';
import type { Reading } from './biasEstimate.ts';
import { byHand, type End, type Ends } from './biasHand.ts';
import { place, type Place, wire, WIRE_GBITS } from './biasPlace.ts';
import { Vfbench } from './biasVfbench.ts';

const NODES = ['node-a', 'node-b'];
const NIC = 'data0';
const PREFIX = 24;
/** Bytes. */
const MTU = 1500;
const COLLECTOR_PORT = 7443;

export interface BiasLab {
  /** Where it is measured, for people. */
  words: string;
  byHand(points: readonly TestPoint[]): Promise<Reading>;
  throughVfbench(points: readonly TestPoint[]): Promise<Reading>;
  stop(): Promise<void>;
}

/** Throws MachineLacksError where the sandbox cannot run. Aborting ends it all. */
export async function startBiasLab(signal: AbortSignal): Promise<BiasLab> {
  await removeStale(defaultStateRoot());
  const dir = await createStateDirectory(defaultStateRoot(), 'bias');
  const undo: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { substrate, placed } = await makeSubstrate(join(dir, 'net'), signal);
    undo.push(() => substrate.close());
    const ends: Ends = { server: await end(substrate, 0, placed), client: await end(substrate, 1, placed) };
    const expose = async (port: number): Promise<string> => {
      await substrate.openPortal(COLLECTOR_PORT, { host: '127.0.0.1', port });
      return `https://${substrate.gateway}:${COLLECTOR_PORT}`;
    };
    const vfbench = await Vfbench.start({ ends, interface: NIC, prefix: PREFIX, mtu: MTU, expose });
    undo.push(() => vfbench.close());
    return {
      words: `${placed.words}; a wire of ${WIRE_GBITS} Gb/s`,
      byHand: (points) => byHand(ends, points),
      throughVfbench: (points) => vfbench.measure(points),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function makeSubstrate(dir: string, signal: AbortSignal): Promise<{ substrate: Substrate; placed: Place }> {
  const cache = openCache();
  const progress = createProgress();
  const bundle = await runnerBundle(cache);
  const tools = await sandboxTools({ cache, progress, signal });
  const check = await checkSubstrate(tools);
  if (!check.ok) throw new MachineLacksError(`The sandbox cannot run here: ${check.missing.join('; ')}`);
  const guest = await guestImage({ cache, progress, tools, signal, runnerBundle: bundle });
  const log = createLogger('bench', 'warn');
  const placed = place(tools.busybox);
  const substrate = await openSubstrate({
    dir,
    tools,
    guest,
    runnerBundle: bundle,
    nodes: NODES,
    mtu: MTU,
    log,
    signal,
  });
  return { substrate, placed };
}

async function end(substrate: Substrate, node: number, { prefix }: Place): Promise<End> {
  const address = `192.168.50.${node + 1}`;
  const pod = await substrate.createPod({ id: `pod-${node}`, node: NODES[node] ?? '' });
  await pod.attach({ interface: NIC, kind: 'Bridge', addresses: [`${address}/${PREFIX}`], mtu: MTU });
  await wire(pod, NIC);
  return { pod, address, prefix };
}
