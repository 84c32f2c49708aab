/** Starts what a pod is for: the runner, or virt-launcher, which waits for the VM agent to boot its guest. */
import type { PodSandbox } from '../substrate/types.ts';
import type { Exit } from './container-status.ts';
import type { AgentContext } from './context.ts';
import { LauncherProcess, vmiKey } from './launcher-process.ts';
import type { Pod } from './objects.ts';

/** The main container of a pod, running. */
export interface Process {
  readonly exited: Promise<Exit>;
  /** SIGTERM; does not wait. */
  powerDown(): Promise<void>;
  kill(): void;
}

export interface ProcessOptions {
  pod: Pod;
  sandbox: PodSandbox;
  files: Record<string, string>;
  env: Record<string, string>;
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

/** Starts the main container of a pod; one that cannot be started has exited already, as a kubelet reports it. */
export async function startProcess(context: AgentContext, options: ProcessOptions): Promise<Process> {
  const { pod, sandbox } = options;
  const vmi = vmiKey(pod);
  if (vmi !== undefined) return startLauncher(context, pod, sandbox, vmi);
  const key = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  try {
    const child = await sandbox.startRunner({
      files: options.files,
      env: options.env,
      onOutput: (line) => context.output.add(key, line),
    });
    return {
      exited: child.exited.then(({ code, signal }) => ({ code: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0) })),
      powerDown: () => child.powerDown(),
      kill: () => child.kill(),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.log.warn({ err: error, Pod: key }, 'Failing to start a container');
    return {
      exited: Promise.resolve({ code: 128, reason: 'StartError', message }),
      powerDown: () => Promise.resolve(),
      kill: () => {},
    };
  }
}

function startLauncher(context: AgentContext, pod: Pod, sandbox: PodSandbox, vmi: string): Process {
  const uid = pod.metadata.ownerReferences?.find((owner) => owner.kind === 'VirtualMachineInstance')?.uid ?? '';
  const launcher = new LauncherProcess(pod, sandbox, { onChange: () => context.launchers.changed(vmi) });
  context.launchers.add(uid, launcher);
  return launcher;
}
