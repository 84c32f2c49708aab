/** One candidate for a Lease as a process: prints `leading`, ends on SIGTERM with 0, on a lost Lease with 1. */
import { once } from 'node:events';
import { createLogger } from '../../src/log.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { LeaderElector } from '../../src/kube/lease.ts';

const [kubeconfig = '', namespace = '', identity = ''] = process.argv.slice(2);
const log = createLogger('elector', 'silent');
const client = KubeClient.fromKubeConfig({ kubeconfig, log });
const abort = new AbortController();
process.on('SIGTERM', () => abort.abort());

const elector = new LeaderElector({ client, namespace, name: 'lock', identity, log });
try {
  await elector.run(abort.signal, async (signal) => {
    console.log('leading');
    if (!signal.aborted) await once(signal, 'abort');
  });
} catch (error) {
  console.log((error as Error).name);
  process.exitCode = 1;
}
await client.close();
