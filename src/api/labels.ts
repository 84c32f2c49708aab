/** Names that vfbench puts on objects, and names of others that it reads. */

export const GROUP = 'vfbench.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

/** Name of the Lease by which the operator's processes elect their leader, in its namespace. */
export const OPERATOR_LEASE = 'vfbench-operator';

/** On every child of a Trial: the Trial's name. KubeVirt copies it from a VMI to its launcher pod. */
export const LABEL_TRIAL = 'vfbench.io/trial';
/** On Trials and their children: the Experiment's name. */
export const LABEL_EXPERIMENT = 'vfbench.io/experiment';
/** On endpoints: `server-0`, `client-0`, `server-1` ... */
export const LABEL_ENDPOINT = 'vfbench.io/endpoint';
/** On children: the Trial's UID, so that a child of an earlier Trial of the same name is never taken for a new one's. */
export const LABEL_TRIAL_UID = 'vfbench.io/trial-uid';
/** On Nodes: `emulated` marks results made where figures prove the plumbing only. */
export const LABEL_ENVIRONMENT = 'vfbench.io/environment';

/** KubeVirt: label on a launcher pod, the UID of its VMI. */
export const LABEL_CREATED_BY = 'kubevirt.io/created-by';
/** Multus: attachments wanted, as JSON. */
export const ANNOTATION_NETWORKS = 'k8s.v1.cni.cncf.io/networks';
/** Multus: attachments made, as JSON. */
export const ANNOTATION_NETWORK_STATUS = 'k8s.v1.cni.cncf.io/network-status';
/** On a NetworkAttachmentDefinition: the device plugin's resource that backs it. */
export const ANNOTATION_RESOURCE_NAME = 'k8s.v1.cni.cncf.io/resourceName';

/** Key of the Secret of a Trial that holds one endpoint's EndpointConfig: `<endpoint>.json`. */
export const secretKey = (endpoint: string): string => `${endpoint}.json`;
/** Where a pod finds its EndpointConfig. */
export const ENDPOINT_CONFIG_PATH = '/etc/vfbench/endpoint.json';
/** Interface name asked of Multus for the data NIC of a pod. */
export const DATA_INTERFACE = 'data0';

/** virt-controller puts launchers only on nodes with it; virt-handler sets it, a stale heartbeat takes it away. */
export const LABEL_SCHEDULABLE = 'kubevirt.io/schedulable';
/** Demanded of nodes by launchers of VMs with dedicated CPUs. */
export const LABEL_CPU_MANAGER = 'kubevirt.io/cpumanager';
