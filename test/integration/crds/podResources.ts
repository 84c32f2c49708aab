/** Resources of a pod: what the API server says of a pod with them, and what of a Testbed that asks for them. */
import type { TestbedSpec } from '../../../src/api/v1alpha1.ts';

type Resources = NonNullable<TestbedSpec['pod']['resources']>;

export interface PodResourcesCase {
  name: string;
  resources: Resources;
  /** What the API server says of the pod; absent where it takes it. */
  pod?: RegExp;
  /** What it says of the Testbed. */
  testbed?: RegExp;
}

const CPU = { cpu: '2', memory: '1Gi' };
const OVERCOMMIT = /pod.resources: huge pages cannot be overcommitted: write the same amount in requests and limits/;
const BARE = /pod.resources: huge pages need cpu or memory beside them/;
const WHOLE = /holds part of a huge page: write a multiple of its size/;

// A table: one case a line.
// prettier-ignore
export const POD_RESOURCES: PodResourcesCase[] = [
  { name: 'none', resources: {} },
  { name: 'CPU and memory, limit above request', resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } } },
  { name: 'huge pages, equal in both', resources: { requests: { ...CPU, 'hugepages-1Gi': '2Gi' }, limits: { ...CPU, 'hugepages-1Gi': '2048Mi' } } },
  { name: 'huge pages, limited only', resources: { requests: CPU, limits: { 'hugepages-2Mi': '64Mi' } } },
  { name: 'huge pages of both sizes', resources: { requests: { 'hugepages-2Mi': '64Mi', 'hugepages-1Gi': '1Gi' }, limits: { memory: '1Gi', 'hugepages-2Mi': '64Mi', 'hugepages-1Gi': '1Gi' } } },
  { name: 'huge pages, memory limited only', resources: { limits: { memory: '1Gi', 'hugepages-1Gi': '1Gi' } } },
  { name: 'no huge pages, said', resources: { requests: CPU, limits: { ...CPU, 'hugepages-1Gi': 0 } } },
  { name: 'huge pages, requested only', resources: { requests: { ...CPU, 'hugepages-1Gi': '1Gi' } }, pod: /Limit must be set for non overcommitable resources/, testbed: OVERCOMMIT },
  { name: 'huge pages requested, others limited', resources: { requests: { ...CPU, 'hugepages-1Gi': '1Gi' }, limits: CPU }, pod: /Limit must be set for non overcommitable resources/, testbed: OVERCOMMIT },
  { name: 'huge pages of one size requested, of the other limited', resources: { requests: { ...CPU, 'hugepages-1Gi': '1Gi' }, limits: { ...CPU, 'hugepages-2Mi': '64Mi' } }, pod: /Limit must be set for non overcommitable resources/, testbed: OVERCOMMIT },
  { name: 'fewer huge pages requested than limited', resources: { requests: { ...CPU, 'hugepages-1Gi': '1Gi' }, limits: { ...CPU, 'hugepages-1Gi': '2Gi' } }, pod: /must be equal to hugepages-1Gi limit/, testbed: OVERCOMMIT },
  { name: 'more huge pages requested than limited', resources: { requests: { ...CPU, 'hugepages-2Mi': '64Mi' }, limits: { ...CPU, 'hugepages-2Mi': '32Mi' } }, pod: /must be equal to hugepages-2Mi limit/, testbed: OVERCOMMIT },
  { name: 'huge pages alone', resources: { requests: { 'hugepages-1Gi': '1Gi' }, limits: { 'hugepages-1Gi': '1Gi' } }, pod: /HugePages require cpu or memory/, testbed: BARE },
  { name: 'huge pages limited, alone', resources: { limits: { 'hugepages-2Mi': '64Mi' } }, pod: /HugePages require cpu or memory/, testbed: BARE },
  { name: 'huge pages and disk', resources: { limits: { 'hugepages-2Mi': '64Mi', 'ephemeral-storage': '1Gi' } }, pod: /HugePages require cpu or memory/, testbed: BARE },
  { name: 'part of a huge page', resources: { requests: { ...CPU, 'hugepages-1Gi': '1536Mi' }, limits: { ...CPU, 'hugepages-1Gi': '1536Mi' } }, pod: /1536Mi is not positive integer multiple of hugepages-1Gi/, testbed: WHOLE },
  { name: 'part of a huge page, limited', resources: { limits: { ...CPU, 'hugepages-2Mi': '3Mi' } }, pod: /3Mi is not positive integer multiple of hugepages-2Mi/, testbed: WHOLE },
  { name: 'CPU above its limit', resources: { requests: { cpu: '3' }, limits: { cpu: '2' } }, pod: /must be less than or equal to cpu limit/, testbed: /requests more than it limits to/ },
];
