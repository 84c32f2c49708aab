/** `npm run sandbox`: keeps the cluster in a box up until Ctrl-C. */
import { applyExamples, runSession } from './session.ts';

await runSession(async ({ signal, start, progress }) => {
  const sandbox = await start();
  await applyExamples(sandbox);
  progress.note(`
The sandbox is up: two nodes, a Testbed "sandbox" in namespace bench, the operator.

  export KUBECONFIG=${sandbox.kubeconfig}
  alias kubectl=${sandbox.kubectlPath}

  kubectl get nodes,testbeds -A
  kubectl apply -f deploy/examples/experiment.yaml
  kubectl get experiments -n bench -w
  npm run -s vfbench -- watch NAME -n bench     progress, then the result table

Live page: ${sandbox.operator?.pageUrl ?? 'none'}

Logs: ${sandbox.dir}/*.log    Ctrl-C stops and removes everything.
`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return 0;
});
