/** Where an endpoint runs. */

/**
 * On the node of this name, by way of the scheduler: it checks that the node has what the pod asks for, and says what
 * is short. By the name of the Node itself, since its label kubernetes.io/hostname may be another.
 */
export const onNode = (node: string): object => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
    },
  },
});
