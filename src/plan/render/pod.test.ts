import { expect, test } from '@jest/globals';
import type { GrantedEndpoint } from '../../api/v1alpha1.ts';
import { testbed, trial } from '../../../test/support/builders.ts';
import { secretName } from '../names.ts';
import { renderPod } from './pod.ts';

const TRIAL = trial();
const ENDPOINT: GrantedEndpoint = {
  name: 'client-1',
  kind: 'Pod',
  object: `${TRIAL.metadata.name}-client-1`,
  node: 'node-b',
  attachment: 'vf-net',
  resource: 'x/vfnet',
  address: '192.168.50.14/24',
};

test('a pod, whole', () => {
  const resources = { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
  expect(renderPod(TRIAL, testbed({ pod: { image: 'runner:1', resources } }), ENDPOINT)).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'exp-b0-native-crossnode-1-0-client-1',
      namespace: 'bench',
      labels: {
        'vfbench.io/trial': TRIAL.metadata.name,
        'vfbench.io/trial-uid': TRIAL.metadata.uid,
        'vfbench.io/experiment': 'exp',
        'vfbench.io/endpoint': 'client-1',
      },
      annotations: {
        'k8s.v1.cni.cncf.io/networks':
          '[{"name":"vf-net","namespace":"bench","interface":"data0","ips":["192.168.50.14/24"]}]',
      },
      ownerReferences: [
        {
          apiVersion: 'vfbench.io/v1alpha1',
          kind: 'Trial',
          name: TRIAL.metadata.name,
          uid: TRIAL.metadata.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-b'] }] }],
          },
        },
      },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'runner',
          image: 'runner:1',
          imagePullPolicy: 'IfNotPresent',
          args: ['--config', '/etc/vfbench/endpoint.json'],
          resources: {
            requests: { cpu: '2', memory: '1Gi', 'x/vfnet': '1' },
            limits: { cpu: '2', memory: '1Gi', 'x/vfnet': '1' },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            { name: 'endpoint', mountPath: '/etc/vfbench', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        {
          name: 'endpoint',
          secret: {
            secretName: secretName(TRIAL.metadata),
            items: [{ key: 'client-1.json', path: 'endpoint.json' }],
            defaultMode: 0o440,
          },
        },
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      ],
    },
  });
});

test('without a device, and with another pull policy', () => {
  const { resource: _resource, ...plain } = ENDPOINT;
  const pod = renderPod(TRIAL, testbed({ pod: { image: 'runner:1', imagePullPolicy: 'Never' } }), plain);
  expect(pod['spec']).toMatchObject({
    containers: [{ imagePullPolicy: 'Never', resources: { requests: {}, limits: {} } }],
  });
});
