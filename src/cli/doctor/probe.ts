/** One short-lived pod on a Testbed's image: is the image pulled, and is the collector reached from there? Removed in any case. */
import { COLLECTOR_SERVER_NAME } from '../../api/protocol.ts';
import type { Testbed } from '../../api/v1alpha1.ts';
import { type KubeObject, PODS } from '../../kube/index.ts';
import type { Session } from '../session.ts';
import { fail, type Line, ok, warn } from './line.ts';

const DEADLINE_SECONDS = 120;
const LOOK_MS = 500;
const CONNECT_MS = 10_000;
const PORT = 7443;

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: { exitCode: number; message?: string };
}

export interface ProbePod extends KubeObject {
  spec?: object;
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; message?: string }[];
    containerStatuses?: { state?: ContainerState }[];
  };
}

/** Ends with 0 where TLS was spoken, else with 1 and the reason in the termination message. The certificate is not judged. */
const PROGRAM = `const s=require('node:tls').connect({host:process.argv[1],port:${PORT},servername:'${COLLECTOR_SERVER_NAME}',rejectUnauthorized:false,timeout:${CONNECT_MS}},()=>process.exit(0));
const f=(m)=>{require('node:fs').writeFileSync('/dev/termination-log',m);process.exit(1)};s.on('error',(e)=>f(e.code||e.message));s.on('timeout',()=>f('no answer'));`;

export function probePod(testbed: Testbed, host: string): ProbePod {
  const { name, namespace = '' } = testbed.metadata;
  const { image, imagePullPolicy } = testbed.spec.pod;
  const node = testbed.spec.nodes.server.names?.[0];
  const security = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `vfbench-doctor-${name.slice(0, 32)}-${process.pid.toString(36)}${Date.now().toString(36)}`,
      namespace,
      labels: { 'app.kubernetes.io/name': 'vfbench-doctor' },
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: DEADLINE_SECONDS,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image,
          ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
          command: ['node', '-e', PROGRAM, host],
          securityContext: security,
        },
      ],
    },
  };
}

export async function probeLines(session: Session, testbed: Testbed, operatorNamespace: string): Promise<Line[]> {
  const { client, signal } = session;
  const host = `vfbench-collector.${operatorNamespace}.svc`;
  const pod = probePod(testbed, host);
  const at = { namespace: testbed.metadata.namespace ?? '', name: pod.metadata.name };
  try {
    await client.create(PODS, pod, { signal });
    return judgePod(testbed, host, await settled(session, at));
  } finally {
    await client.remove(PODS, at, { gracePeriodSeconds: 0, tries: 2 });
  }
}

const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);
const NO_IMAGE = /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName)$/;

const stateOf = ({ status }: ProbePod): ContainerState => status?.containerStatuses?.[0]?.state ?? {};

/** The pod when it has ended, cannot get its image, or time is up. */
async function settled({ client, signal }: Session, at: { namespace: string; name: string }): Promise<ProbePod> {
  const end = Date.now() + DEADLINE_SECONDS * 1000;
  for (;;) {
    const pod = await client.get<ProbePod>(PODS, at, { signal });
    const isOver = ENDED.has(pod.status?.phase ?? '') || NO_IMAGE.test(stateOf(pod).waiting?.reason ?? '');
    if (isOver || Date.now() > end || signal.aborted) return pod;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export function judgePod({ metadata, spec }: Testbed, host: string, pod: ProbePod): Line[] {
  const [image, collector] = [`Testbed ${metadata.name}, image pull`, `Testbed ${metadata.name}, collector`];
  const { terminated } = stateOf(pod);
  if (terminated === undefined)
    return [fail(image, notRunning(pod, spec.pod.image)), warn(collector, 'not checked: the pod did not run')];
  if (terminated.exitCode === 0) return [ok(image, spec.pod.image), ok(collector, `${host}:${PORT} answers`)];
  const why = (terminated.message ?? `exit code ${terminated.exitCode}`).slice(0, 200);
  const cure = 'look at the Service vfbench-collector, its endpoints, and NetworkPolicies of both namespaces';
  return [ok(image, spec.pod.image), fail(collector, `${host}:${PORT} is not reached from a pod (${why}): ${cure}`)];
}

function notRunning(pod: ProbePod, image: string): string {
  const { reason = '', message = 'no reason was given' } = stateOf(pod).waiting ?? {};
  if (NO_IMAGE.test(reason))
    return `${image}: ${reason}: ${message}: correct spec.pod.image, or let the node reach its registry`;
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const why = unscheduled?.message ?? `${reason} ${message}`.trim();
  return `the pod did not run within ${DEADLINE_SECONDS} s: ${why}: see kubectl describe nodes`;
}

export const notProbed = ({ metadata }: Testbed): Line =>
  warn(
    `Testbed ${metadata.name}, image pull and collector`,
    'not checked: --probe does, with one short-lived pod that is removed',
  );
