/** What a Testbed of a real API server says, waited for. */
import { findCondition } from '../../src/api/conditions.ts';
import { TESTBEDS } from '../../src/api/kinds.ts';
import type { Testbed } from '../../src/api/v1alpha1.ts';
import type { KubeClient, KubeObject } from '../../src/kube/index.ts';
import { eventually } from './eventually.ts';
import { told } from './preflight.ts';

export type StoredTestbed = Testbed & KubeObject;

/**
 * Resolves when Testbed `lab` has the conditions (`Ready` to `False/NotFit`) and a finding that reads so.
 * @throws Error with its status where it has not within 20 s.
 */
export async function testbedSays(
  { client, namespace }: { client: KubeClient; namespace: string },
  wanted: Record<string, string>,
  finding?: RegExp,
): Promise<StoredTestbed> {
  let last: StoredTestbed | undefined;
  const look = async (): Promise<StoredTestbed | null> => {
    last = await client.get<StoredTestbed>(TESTBEDS, { namespace, name: 'lab' });
    const { conditions, findings = [] } = last.status ?? {};
    const right = Object.entries(wanted).every(([type, text]) => {
      const found = findCondition(conditions, type);
      return `${found?.status}/${found?.reason}` === text;
    });
    return right && (finding === undefined || findings.some((one) => finding.test(told(one)))) ? last : null;
  };
  return eventually(20, look, 50).catch((cause: unknown) => {
    throw new Error(`not ${JSON.stringify(wanted)} ${finding}: ${JSON.stringify(last?.status, null, 1)}`, { cause });
  });
}
