/** An endpoint's life as it should be, with single steps changed by a test. */
import type { EndpointConfig, Registration, ResultDocument, TrialPlan } from '../../src/api/protocol.ts';
import type { Endpoint } from './endpoint.ts';
import { goodResult } from './good-result.ts';

export interface Changes {
  registration?: (registration: Registration) => Registration;
  /** What it sends. */
  document?: (good: ResultDocument, plan: TrialPlan, config: EndpointConfig) => ResultDocument;
  /** Between the plan and the results: what it takes to measure. */
  measure?: () => Promise<void>;
}

/** Runs, registers, delivers, ends. Stops where the collector refuses it, as a runner does. */
export async function liveWell(endpoint: Endpoint, changes: Changes = {}): Promise<void> {
  await endpoint.run();
  const plan = await endpoint.register(changes.registration);
  await changes.measure?.();
  const config = await endpoint.config();
  const good = goodResult(config, plan);
  await endpoint.deliver(changes.document?.(good, plan, config) ?? good);
  await endpoint.status({ phase: 'Succeeded' });
}
