/** The wire behind a pod's data NICs, as the switches want it. */
import type { PodSandbox, Wire } from '../substrate/types.ts';
import type { PodTask } from './pod-steps.ts';

/** Lays it before there is any NIC, and again whenever a switch is turned, until `signal`. */
export async function keepWire(task: PodTask, sandbox: PodSandbox, signal: AbortSignal): Promise<void> {
  let laid = wireOf(task);
  await sandbox.setWire(laid);
  const { faults, log } = task.context;
  const end = faults.subscribe(() => {
    const wire = wireOf(task);
    if (wire === laid || signal.aborted) return;
    laid = wire;
    sandbox.setWire(wire).catch((error: unknown) => {
      if (!signal.aborted) log.error({ err: error, Pod: task.pod.metadata.name }, 'Failing to change a wire');
    });
  });
  signal.addEventListener('abort', end, { once: true });
}

function wireOf(task: PodTask): Wire {
  if (task.has('cut-wire')) return 'Cut';
  return task.has('narrow-wire') ? 'Narrow' : 'Whole';
}
