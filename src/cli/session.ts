/** What a command works with: the cluster, the namespace, the terminal, and the user's wish to stop. */
import { KubeClient } from '../kube/index.ts';
import { createLogger, type Logger } from '../log.ts';
import { CliError, sentenceOf } from './errors.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type Call, text } from './parse.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export interface Session {
  call: Call;
  client: KubeClient;
  /** Of -n, else of the kubeconfig's context, else default. */
  namespace: string;
  terminal: Terminal;
  log: Logger;
  /** Aborted by SIGINT or SIGTERM. */
  signal: AbortSignal;
}

/** Runs a command against the cluster; whatever goes wrong there leaves as a CliError. */
export async function withSession(call: Call, work: (session: Session) => Promise<ExitCode>): Promise<ExitCode> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const log = createLogger('kubectl-vfbench', process.env['LOG_LEVEL'] ?? 'silent');
  const client = connect(call, log);
  const namespace = text(call, 'namespace') ?? client.defaultNamespace ?? 'default';
  const terminal = createTerminal(process.stdout, process.env);
  try {
    return await work({ call, client, namespace, terminal, log, signal: stop.signal });
  } catch (error) {
    terminal.clear();
    if (stop.signal.aborted) return EXIT.interrupted;
    if (error instanceof CliError) throw error;
    throw new CliError(sentenceOf(error, client.server), EXIT.error, { cause: error });
  } finally {
    await client.close();
  }
}

function connect(call: Call, log: Logger): KubeClient {
  const [kubeconfig, context] = [text(call, 'kubeconfig'), text(call, 'context')];
  try {
    return KubeClient.fromKubeConfig({
      log,
      userAgent: 'kubectl-vfbench',
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  } catch (error) {
    throw new CliError(`no usable kubeconfig: ${error instanceof Error ? error.message : String(error)}`, EXIT.error, {
      cause: error,
    });
  }
}

/** `NAME` or `NAMESPACE/NAME`. */
export function target({ namespace }: Session, named: string): { namespace: string; name: string } {
  const [name = '', own = namespace] = named.split('/').toReversed();
  return { namespace: own, name };
}

/** A command for the user to type, with the options by which this cluster was found. */
export function again({ call }: Session, command: string, at: { namespace: string; name: string }): string {
  const options = ['kubeconfig', 'context'].flatMap((name) => {
    const value = text(call, name);
    return value === undefined ? [] : [`--${name} ${value}`];
  });
  return ['kubectl vfbench', command, at.name, `-n ${at.namespace}`, ...options].join(' ');
}
