import { CPU_SEEN } from './metrics.ts';
import type { TestEntry } from './types.ts';

export const IDLE: TestEntry = {
  measures: 'Nothing is sent: what both ends use by just being there.',
  tools: [],
  protocols: ['TCP'],
  sweeps: {},
  metrics: CPU_SEEN,
  limits: [
    'CPU is what the endpoint itself can see, as for FixedRate: in a pod that is everything on its node.',
    'The kernel counts CPU in ticks of 10 ms: short runs of an idle guest may show none.',
  ],
};
