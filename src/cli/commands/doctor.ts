/** `doctor [TESTBED]`. */
import type { Testbed } from '../../api/v1alpha1.ts';
import { isForbidden, isNotFound, type KubeObject } from '../../kube/index.ts';
import { kindsLine, operatorLines, rightsLine, serverLine } from '../doctor/cluster.ts';
import { kubeletLines } from '../doctor/kubelet.ts';
import { fail, type Line, printLine } from '../doctor/line.ts';
import { notProbed, probeLines } from '../doctor/probe.ts';
import { testbedLines } from '../doctor/testbed.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { TESTBEDS } from '../../api/kinds.ts';
import { type Call, text } from '../parse.ts';
import { type Session, target, withSession } from '../session.ts';

export function run(call: Call): Promise<ExitCode> {
  const operator = text(call, 'operator-namespace') ?? 'vfbench-system';
  return withSession(call, async (session) => {
    const counts = { ok: 0, warn: 0, fail: 0 };
    for await (const line of lines(session, operator)) {
      printLine(session.terminal, line);
      counts[line.state] += 1;
    }
    session.terminal.line(`${counts.ok} ok, ${counts.warn} warn, ${counts.fail} fail`);
    return counts.fail > 0 ? EXIT.notFit : EXIT.passed;
  });
}

async function* lines(session: Session, operator: string): AsyncGenerator<Line> {
  yield await serverLine(session);
  const kinds = await kindsLine(session);
  yield kinds;
  yield await rightsLine(session);
  yield* await operatorLines(session, operator);
  if (kinds.state === 'fail') return;
  const testbeds = await find(session);
  if (!Array.isArray(testbeds)) return yield testbeds;
  for (const testbed of testbeds) {
    yield* testbedLines(testbed);
    yield* await kubeletLines(session, testbed);
    if (session.call.values['probe'] === true) yield* await probeLines(session, testbed, operator);
    else yield notProbed(testbed);
  }
}

/** The Testbed that was named, else all of the namespace; a line where there is none. */
async function find(session: Session): Promise<Testbed[] | Line> {
  const { client, signal, namespace } = session;
  const [named] = session.call.positionals;
  try {
    if (named !== undefined)
      return [await client.get<Testbed & KubeObject>(TESTBEDS, target(session, named), { signal })];
    const { items } = await client.list<Testbed & KubeObject>(TESTBEDS, { namespace }, { signal });
    if (items.length > 0) return items;
    return fail(
      'Testbed',
      `there is none in namespace ${namespace}: write one, see docs/testbed.md, or choose another -n`,
    );
  } catch (error) {
    if (isNotFound(error))
      return fail('Testbed', `there is no Testbed ${named} in namespace ${namespace}: see kubectl get testbeds -A`);
    if (isForbidden(error))
      return fail(
        'Testbed',
        `you may not read Testbeds of namespace ${namespace}: ask for get and list on testbeds.vfbench.io`,
      );
    throw error;
  }
}
