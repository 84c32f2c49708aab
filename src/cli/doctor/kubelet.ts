/** CPU manager and topology (NUMA) manager of the nodes, as their kubelets tell, where the user may ask them. */
import type { Testbed } from '../../api/v1alpha1.ts';
import { isForbidden } from '../../kube/index.ts';
import type { Session } from '../session.ts';
import { type Line, ok, warn } from './line.ts';

const MOST_ASKED = 8;
const DEADLINE_MS = 5_000;

export interface KubeletConfig {
  cpuManagerPolicy?: string;
  topologyManagerPolicy?: string;
  topologyManagerScope?: string;
}

export async function kubeletLines({ client, signal }: Session, testbed: Testbed): Promise<Line[]> {
  const names = (testbed.status?.nodes ?? []).map(({ name }) => name).slice(0, MOST_ASKED);
  const lines: Line[] = [];
  for (const name of names) {
    const title = `Testbed ${testbed.metadata.name}, NUMA of ${name}`;
    try {
      const path = `/api/v1/nodes/${encodeURIComponent(name)}/proxy/configz`;
      const { kubeletconfig = {} } = await client.getPath<{ kubeletconfig?: KubeletConfig }>(path, {
        signal,
        tries: 1,
        timeoutMs: DEADLINE_MS,
      });
      lines.push(judgeKubelet(title, kubeletconfig, testbed));
    } catch (error) {
      if (signal.aborted) throw error;
      const why = isForbidden(error)
        ? 'needs get on nodes/proxy'
        : 'its kubelet does not answer through the API server';
      lines.push(
        warn(
          title,
          `not checked, ${why}: look at cpuManagerPolicy and topologyManagerPolicy in the kubelet's configuration`,
        ),
      );
    }
  }
  return lines;
}

/** VFs, CPUs and huge pages of one endpoint should be of one NUMA node: only the topology manager sees to that. */
export function judgeKubelet(title: string, config: KubeletConfig, { spec }: Pick<Testbed, 'spec'>): Line {
  const { cpuManagerPolicy = 'none', topologyManagerPolicy = 'none', topologyManagerScope = 'container' } = config;
  const found = `cpuManagerPolicy ${cpuManagerPolicy}, topologyManagerPolicy ${topologyManagerPolicy}, scope ${topologyManagerScope}`;
  if (spec.vm?.dedicatedCPU === true && cpuManagerPolicy !== 'static')
    return warn(title, `${found}: dedicatedCPU needs cpuManagerPolicy static in the kubelet's configuration`);
  if (cpuManagerPolicy !== 'static')
    return warn(
      title,
      `${found}: endpoints move between CPUs and NUMA nodes; static with whole CPUs narrows the intervals`,
    );
  if (!['single-numa-node', 'restricted'].includes(topologyManagerPolicy))
    return warn(
      title,
      `${found}: CPUs and VF of an endpoint may be on two NUMA nodes; set topologyManagerPolicy single-numa-node, or restricted`,
    );
  return ok(title, found);
}
