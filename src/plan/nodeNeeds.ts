/** What VMs with CPUs or huge pages of their own need of a node, and the cures: for the preflight and for admission. Pure. */
import { LABEL_CPU_MANAGER } from '../api/labels.ts';
import type { Node } from './observed.ts';

/** KubeVirt puts VMs with dedicated CPUs on such nodes only. */
export const hasCpuManager = ({ metadata }: Node): boolean => metadata.labels?.[LABEL_CPU_MANAGER] === 'true';

export const cpuManagerCure = ({ metadata: { name } }: Node): string =>
  `set cpuManagerPolicy static in its kubelet, then kubectl label node ${name} ${LABEL_CPU_MANAGER}=true --overwrite`;

export const HUGEPAGES_CURE = 'reserve huge pages there (hugepages= on the kernel command line), or ask for less';
