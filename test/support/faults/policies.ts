/** Admission of the cluster's own that stands in the way of endpoints: a policy that refuses, one that changes. */
import { type DryRun, untilChanged, untilRefused } from '../in-force.ts';

const VF = 'sandbox.vfbench.io/vfnet';
const MATCH = {
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
};
const ofExperiment = (name: string): string =>
  `has(object.metadata.labels) && 'vfbench.io/experiment' in object.metadata.labels && object.metadata.labels['vfbench.io/experiment'] == '${name}'`;
const admission = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name },
  spec,
});

/** Refuses the pods of one Experiment. */
export const refusing = (experiment: string): object[] => [
  admission('ValidatingAdmissionPolicy', 'licence', {
    failurePolicy: 'Fail',
    matchConstraints: MATCH,
    matchConditions: [{ name: 'experiment', expression: ofExperiment(experiment) }],
    validations: [{ expression: 'false', message: 'pods of this Experiment want a licence' }],
  }),
  admission('ValidatingAdmissionPolicyBinding', 'licence', { policyName: 'licence', validationActions: ['Deny'] }),
];

/** Doubles the VFs of one Experiment's client pod, as an injector does that honours what is asked for. */
export const injecting = (experiment: string): object[] => {
  const at = (amounts: string): string =>
    `JSONPatch{op: "replace", path: "/spec/containers/0/resources/${amounts}/" + jsonpatch.escapeKey("${VF}"), value: "2"}`;
  return [
    admission('MutatingAdmissionPolicy', 'injector', {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: MATCH,
      matchConditions: [
        { name: 'experiment', expression: ofExperiment(experiment) },
        { name: 'client', expression: "object.metadata.name.endsWith('-client-0')" },
      ],
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[${at('requests')}, ${at('limits')}]` } }],
    }),
    admission('MutatingAdmissionPolicyBinding', 'injector', { policyName: 'injector' }),
  ];
};

/** A client pod as one of that Experiment would be. */
const clientOf = (experiment: string, namespace = 'default'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'probe-client-0', namespace, labels: { 'vfbench.io/experiment': experiment } },
  spec: { containers: [{ name: 'probe', image: 'probe', resources: { requests: { [VF]: 1 }, limits: { [VF]: 1 } } }] },
});

/** Waits until the two policies act on the Experiments named, and the namespace takes no pod. */
export async function inForce(dryRun: DryRun, on: { refused: string; injected: string; full: string }): Promise<void> {
  await Promise.all([
    untilRefused(dryRun, clientOf(on.refused), /want a licence/),
    untilChanged(dryRun, clientOf(on.injected), /"sandbox\.vfbench\.io\/vfnet": "2"/),
    untilRefused(dryRun, clientOf('any', on.full), /exceeded quota/),
  ]);
}
