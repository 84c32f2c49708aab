/** What concerns the cluster as a whole: API server, kinds, the user's own rights, the operator. */
import { OPERATOR_LEASE } from '../../api/labels.ts';
import { SCHEMAS } from '../../api/schemas.ts';
import {
  ApiError,
  DEPLOYMENTS,
  isForbidden,
  isNotFound,
  type KubeObject,
  LEASES,
  SELF_SUBJECT_ACCESS_REVIEWS,
} from '../../kube/index.ts';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';
import { serverSchemas, skewOf, skewText } from '../skew.ts';
import { fail, type Line, ok, warn } from './line.ts';

export async function serverLine({ client, signal }: Session): Promise<Line> {
  const { gitVersion } = await client.getPath<{ gitVersion: string }>('/version', {
    signal,
    tries: 2,
    timeoutMs: 10_000,
  });
  const minor = Number(/^v1\.(\d+)/.exec(gitVersion)?.[1] ?? 0);
  return minor >= OLDEST_MINOR
    ? ok('API server', `${client.server}, Kubernetes ${gitVersion}`)
    : fail('API server', `Kubernetes ${gitVersion}: vfbench needs 1.${OLDEST_MINOR} or later: upgrade the cluster`);
}

/** As the README has it. */
const OLDEST_MINOR = 34;

export async function kindsLine(session: Session): Promise<Line> {
  try {
    const schemas = await serverSchemas(session);
    if (schemas === null) return warn('CRDs', 'served; their age cannot be told, /openapi/v3 is kept from this user');
    const text = skewText(skewOf(schemas, SCHEMAS));
    return text === null ? ok('CRDs', 'installed, of the age of this plugin') : warn('CRDs', text);
  } catch (error) {
    if (error instanceof CliError) return fail('CRDs', error.message);
    throw error;
  }
}

interface Wanted {
  verb: string;
  group: string;
  resource: string;
  /** Without it nothing can be run; else something else is missing. */
  needed: boolean;
  why: string;
}

const WANTED: readonly Wanted[] = [
  { verb: 'create', group: 'vfbench.io', resource: 'experiments', needed: true, why: 'run, rerun' },
  { verb: 'get', group: 'vfbench.io', resource: 'experiments', needed: true, why: 'watch, report' },
  { verb: 'watch', group: 'vfbench.io', resource: 'experiments', needed: true, why: 'watch, run --wait' },
  {
    verb: 'list',
    group: 'vfbench.io',
    resource: 'trials',
    needed: false,
    why: 'trials in progress and reports of running Experiments',
  },
  { verb: 'get', group: '', resource: 'configmaps', needed: false, why: 'stored reports' },
  { verb: 'create', group: '', resource: 'pods', needed: true, why: 'asked of everyone who creates Experiments' },
  {
    verb: 'create',
    group: 'kubevirt.io',
    resource: 'virtualmachineinstances',
    needed: false,
    why: 'asked of everyone who creates Experiments with VM modes',
  },
];

export async function rightsLine({ client, namespace, signal }: Session): Promise<Line> {
  const missing: Wanted[] = [];
  for (const wanted of WANTED) {
    const { verb, group, resource } = wanted;
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: { name: '' },
      spec: { resourceAttributes: { namespace, verb, group, resource } },
    };
    const { status } = await client.create<KubeObject & { status?: { allowed?: boolean } }>(
      SELF_SUBJECT_ACCESS_REVIEWS,
      review,
      { signal },
    );
    if (status?.allowed !== true) missing.push(wanted);
  }
  if (missing.length === 0) return ok('your rights', `all that this plugin uses in namespace ${namespace}`);
  const list = missing
    .map(({ verb, group, resource, why }) => `${verb} ${resource}${group === '' ? '' : `.${group}`} (${why})`)
    .join('; ');
  const line = missing.some(({ needed }) => needed) ? fail : warn;
  return line(
    'your rights',
    `in namespace ${namespace} you may not: ${list}: ask for a role such as deploy/base/aggregate.yaml gives`,
  );
}

type Deployment = KubeObject & { spec?: { replicas?: number }; status?: { readyReplicas?: number } };
type Lease = KubeObject & { spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number } };

export async function operatorLines({ client, signal }: Session, namespace: string): Promise<Line[]> {
  const topic = 'operator';
  try {
    const selector = { namespace, labelSelector: 'app.kubernetes.io/name=vfbench' };
    const { items } = await client.list<Deployment>(DEPLOYMENTS, selector, { signal });
    const leases = await client.list<Lease>(LEASES, { namespace }, { signal });
    return [deploymentLine(items, namespace), leaderLine(leases.items, namespace, Date.now())];
  } catch (error) {
    if (!(error instanceof ApiError) || !(isForbidden(error) || isNotFound(error))) throw error;
    return [
      warn(
        topic,
        `not checked, you may not read Deployments and Leases of ${namespace}: whether a Testbed below has a status tells whether it runs`,
      ),
    ];
  }
}

export function deploymentLine(found: readonly Deployment[], namespace: string): Line {
  const [deployment] = found;
  const hint = `kubectl get pods -n ${namespace}, and kubectl describe of what is not Ready`;
  if (deployment === undefined)
    return warn(
      'operator',
      `no Deployment of vfbench in ${namespace}: install it, or say where it is with --operator-namespace`,
    );
  const [ready, wanted] = [deployment.status?.readyReplicas ?? 0, deployment.spec?.replicas ?? 1];
  const text = `${deployment.metadata.name}: ${ready} of ${wanted} ready`;
  if (ready === 0) return fail('operator', `${text}: ${hint}`);
  return ready < wanted ? warn('operator', `${text}: ${hint}`) : ok('operator', text);
}

export function leaderLine(leases: readonly Lease[], namespace: string, now: number): Line {
  const lease = leases.find(({ metadata }) => metadata.name === OPERATOR_LEASE);
  const { holderIdentity = '', renewTime = '', leaseDurationSeconds = 15 } = lease?.spec ?? {};
  const age = (now - Date.parse(renewTime)) / 1000;
  if (holderIdentity === '' || !(age < 4 * leaseDurationSeconds))
    return fail(
      'operator leader',
      `nobody holds the Lease ${OPERATOR_LEASE} in ${namespace}: no operator runs: kubectl get pods -n ${namespace}`,
    );
  return ok('operator leader', holderIdentity);
}
