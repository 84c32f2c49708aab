/** A native endpoint: one pod with one data NIC, made by Multus. */
import { ANNOTATION_NETWORKS, DATA_INTERFACE, ENDPOINT_CONFIG_PATH, secretKey } from '../../api/labels.ts';
import type { GrantedEndpoint, Testbed, Trial } from '../../api/v1alpha1.ts';
import { secretName } from '../names.ts';
import type { PlannedObject } from '../types.ts';
import { childMeta } from './metadata.ts';
import { onNode } from './placement.ts';

/** Any unprivileged user; the runner needs no capability, since the CNI plugin has configured the NIC. */
const USER = 65532;

/**
 * No MAC is asked for: the VF drivers of some NICs refuse one (`failed to set netlink MAC address`),
 * so a pod's MAC is read back instead. The device is requested explicitly, requests equal to limits.
 */
export function renderPod(trial: Trial, testbed: Testbed, endpoint: GrantedEndpoint): PlannedObject {
  const metadata = childMeta(trial, endpoint.object, endpoint.name);
  const network = {
    name: endpoint.attachment,
    namespace: testbed.metadata.namespace,
    interface: DATA_INTERFACE,
    ips: [endpoint.address],
  };
  const device = endpoint.resource === undefined ? {} : { [endpoint.resource]: '1' };
  const { image, imagePullPolicy = 'IfNotPresent', resources = {} } = testbed.spec.pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, annotations: { [ANNOTATION_NETWORKS]: JSON.stringify([network]) } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      affinity: onNode(endpoint.node),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'runner',
          image,
          imagePullPolicy,
          args: ['--config', ENDPOINT_CONFIG_PATH],
          resources: {
            requests: { ...resources.requests, ...device },
            limits: { ...resources.limits, ...device },
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
            secretName: secretName(trial.metadata),
            items: [{ key: secretKey(endpoint.name), path: 'endpoint.json' }],
            defaultMode: 0o440,
          },
        },
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      ],
    },
  };
}
