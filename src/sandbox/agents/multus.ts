/**
 * Multus as far as it is pure: which attachments a pod asks for, how each is to be made, and in what words
 * Multus and the CNI plugins refuse. Words are those recorded on a real node (thin Multus).
 */
import { ANNOTATION_NETWORKS, ANNOTATION_RESOURCE_NAME } from '../../api/labels.ts';
import type { NetworkAttachment, Pod } from './objects.ts';

/** One element of the networks annotation. */
export interface Selection {
  name: string;
  namespace: string;
  interface: string;
  mac?: string;
  ips?: string[];
}

/** An attachment to make. */
export interface Delegate {
  selection: Selection;
  /** Name in the CNI configuration, which error messages quote. */
  configName: string;
  type: 'bridge' | 'sriov' | 'host-device' | 'macvlan';
  /** VF handed to it; sriov only. */
  device?: { address: string; driver: 'netdevice' | 'vfio' };
  /** With prefix length. */
  addresses: string[];
  mtu?: number;
}

/** Why a pod's network could not be made: the end of the FailedCreatePodSandBox message. */
export class CniError extends Error {
  override readonly name = 'CniError';
  /** Event `NoNetworkFound` of Multus, where it writes one. */
  readonly noNetwork: string | undefined;

  constructor(message: string, noNetwork?: string) {
    super(message);
    this.noNetwork = noNetwork;
  }
}

export interface PodDevice {
  resource: string;
  driver: 'netdevice' | 'vfio';
  address: string;
}

/** What Multus knows when it is called for a pod. */
export interface NetworkContext {
  /** By `namespace/name`. */
  attachment(key: string): NetworkAttachment | undefined;
  /** VFs that the kubelet handed to the pod. */
  devices: PodDevice[];
}

const PLUGINS = ['bridge', 'sriov', 'host-device', 'macvlan'];
const NOT_FOUND = 'network-attachment-definitions.k8s.cni.cncf.io';

/**
 * The attachments of a pod, in order; all of them are looked up before the first is made, as Multus does.
 * @throws CniError where an attachment cannot even be looked up.
 */
export function loadDelegates(pod: Pod, context: NetworkContext): (() => Delegate)[] {
  const unused = [...context.devices];
  return selections(pod).map((selection) => {
    const { attachment, config } = lookUp(pod, selection, context);
    const resource = attachment.metadata.annotations?.[ANNOTATION_RESOURCE_NAME];
    const index = unused.findIndex((device) => device.resource === resource);
    const device = index < 0 ? undefined : unused.splice(index, 1)[0];
    return () => delegate(pod, selection, config, device);
  });
}

/**
 * What a pod's networks annotation asks for: JSON, or names separated by commas (`[namespace/]name[@interface]`).
 * @throws CniError where it is neither.
 */
export function selections(pod: Pod): Selection[] {
  const text = pod.metadata.annotations?.[ANNOTATION_NETWORKS]?.trim() ?? '';
  if (text === '') return [];
  const namespace = pod.metadata.namespace ?? '';
  const asked: Partial<Selection>[] = /^[[{]/.test(text) ? parseList(pod, text) : text.split(',').map(parseName);
  return asked.map((each, index) => ({
    ...each,
    name: each.name ?? '',
    namespace: each.namespace ?? namespace,
    interface: each.interface ?? `net${index + 1}`,
  }));
}

function parseList(pod: Pod, text: string): Partial<Selection>[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list as Partial<Selection>[];
  } catch {
    // Fall through to the refusal.
  }
  const detail = 'failed to parse pod Network Attachment Selection Annotation JSON format';
  throw new CniError(
    `${multus(pod)}: error loading k8s delegates k8s args: parsePodNetworkAnnotation: ${detail}: unexpected end of JSON input`,
  );
}

function parseName(text: string): Partial<Selection> {
  const [reference = '', nic] = text.trim().split('@');
  const slash = reference.indexOf('/');
  return {
    name: reference.slice(slash + 1),
    ...(slash < 0 ? {} : { namespace: reference.slice(0, slash) }),
    ...(nic === undefined ? {} : { interface: nic }),
  };
}

interface CniConfig {
  name: string;
  type: string;
  mtu?: number;
  capabilities?: { ips?: boolean; mac?: boolean };
  ipam?: { type?: string; addresses?: { address: string }[] };
}

function lookUp(
  pod: Pod,
  selection: Selection,
  context: NetworkContext,
): { attachment: NetworkAttachment; config: CniConfig } {
  const { name, namespace } = selection;
  const refuse = (detail: string): CniError => delegateError(pod, detail);
  const attachment = context.attachment(`${namespace}/${name}`);
  if (attachment === undefined) throw notFound(pod, { name, namespace });
  const text = attachment.spec?.config;
  if (text === undefined || text === '') {
    throw refuse('GetCNIConfig: err in GetCNIConfigFromFile: No networks found in /etc/cni/multus/net.d');
  }
  try {
    const config = JSON.parse(text) as Partial<CniConfig> & { plugins?: CniConfig[] };
    const first = config.plugins?.[0];
    return {
      attachment,
      config: { ...config, ...first, name: config.name ?? name, type: first?.type ?? config.type ?? '' },
    };
  } catch {
    throw refuse(
      'GetCNIConfig: err in getCNIConfigFromSpec: failed to unmarshal Spec.Config: unexpected end of JSON input',
    );
  }
}

function delegate(pod: Pod, selection: Selection, config: CniConfig, device: PodDevice | undefined): Delegate {
  const refuse = (detail: string): CniError => addError(pod, config.name, detail);
  if (!PLUGINS.includes(config.type)) throw refuse(missingPlugin(config.type));
  if (config.type === 'sriov' && device === undefined) {
    throw refuse('SRIOV-CNI failed to load netconf: LoadConf(): VF pci addr is required');
  }
  if (device?.driver === 'netdevice' && config.type === 'sriov' && selection.mac !== undefined) {
    throw refuse(
      `failed to set up pod interface "${selection.interface}" from the device "ens1f0": error setting up interface in ` +
        `container namespace: "failed to set netlink MAC address to ${selection.mac}: cannot assign requested address"`,
    );
  }
  return {
    selection,
    configName: config.name,
    type: config.type as Delegate['type'],
    addresses: addresses(selection, config, refuse),
    ...(config.type === 'sriov' && device !== undefined ? { device } : {}),
    ...(config.mtu === undefined ? {} : { mtu: config.mtu }),
  };
}

function addresses(selection: Selection, config: CniConfig, refuse: (detail: string) => CniError): string[] {
  const { ipam } = config;
  if (ipam?.type === undefined) return [];
  if (ipam.type !== 'static') throw refuse(missingPlugin(ipam.type));
  const asked = config.capabilities?.ips === true ? (selection.ips ?? []) : [];
  const all = [...(ipam.addresses ?? []).map((each) => each.address), ...asked];
  if (all.length === 0) throw refuse('IPAM plugin returned missing IP config');
  return all;
}

/** How a CNI plugin that is not on the node is missed. */
export const missingPlugin = (type: string): string =>
  `failed to find plugin "${type}" in path [/opt/cni/bin /opt/cni/bin]`;

/** How Multus reports that a plugin failed to add an interface. */
export function addError(pod: Pod, network: string, detail: string): CniError {
  return new CniError(`${where(pod, network)}: error adding container to network "${network}": ${detail}`);
}

/** How Multus reports an attachment that is not there. */
export function notFound(pod: Pod, { name, namespace }: Pick<Selection, 'name' | 'namespace'>): CniError {
  const text = `cannot find a network-attachment-definition (${name}) in namespace (${namespace}): ${NOT_FOUND} "${name}" not found`;
  return delegateError(pod, `getKubernetesDelegate: ${text}`, text);
}

/** How Multus reports an attachment that it cannot make a delegate of. */
function delegateError(pod: Pod, detail: string, noNetwork?: string): CniError {
  return new CniError(
    `${multus(pod)}: error loading k8s delegates k8s args: TryLoadPodDelegates: error in getting k8s network for pod: ` +
      `GetNetworkDelegates: failed getting the delegate: ${detail}`,
    noNetwork,
  );
}

/** The message of a FailedCreatePodSandBox event. */
export function sandboxFailure(sandboxId: string, error: CniError): string {
  return (
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox ' +
    `"${sandboxId}": plugin type="multus" name="multus-cni-network" failed (add): ${error.message}`
  );
}

const multus = (pod: Pod): string => `Multus: ${where(pod)}`;

function where(pod: Pod, network?: string): string {
  const { namespace = '', name, uid = '' } = pod.metadata;
  return `[${namespace}/${name}/${uid}${network === undefined ? '' : `:${network}`}]`;
}
