/** For tests: what the API server, its admission plugins and the scheduler add to a pod that is created. */
import type { Container, EnvVar, Pod, Volume } from './objects.ts';

const tolerate = (key: string): object => ({
  effect: 'NoExecute',
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  tolerationSeconds: 300,
});

/** The `spec` of a pod as it is stored. */
export function storedSpec(pod: Pod): Record<string, unknown> {
  const { spec } = pod;
  return {
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
    schedulerName: 'default-scheduler',
    serviceAccount: 'default',
    serviceAccountName: 'default',
    tolerations: [tolerate('not-ready'), tolerate('unreachable')],
    ...spec,
    containers: spec.containers.map(storedContainer),
    initContainers: (spec.initContainers ?? []).map(storedContainer),
    volumes: (spec.volumes ?? []).map(storedVolume),
  };
}

function storedContainer(container: Container): object {
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...container,
    ...(container.env === undefined ? {} : { env: container.env.map(storedEnv) }),
  };
}

function storedEnv(variable: EnvVar): object {
  const { valueFrom } = variable;
  if (valueFrom?.fieldRef === undefined) return variable;
  return { ...variable, valueFrom: { fieldRef: { apiVersion: 'v1', ...valueFrom.fieldRef } } };
}

function storedVolume(volume: Volume): object {
  if (volume.secret !== undefined) return { ...volume, secret: { defaultMode: 420, ...volume.secret } };
  if (volume.downwardAPI === undefined) return volume;
  const { items } = volume.downwardAPI as { items: { path: string; fieldRef: object }[] };
  return {
    ...volume,
    downwardAPI: {
      defaultMode: 420,
      items: items.map((item) => ({ ...item, fieldRef: { apiVersion: 'v1', ...item.fieldRef } })),
    },
  };
}
