/** The one Secret of a Trial: each endpoint's configuration with its token, and the VMs' NoCloud seed. */
import { secretKey } from '../../api/labels.ts';
import { type EndpointConfig, type EndpointName, PROTOCOL_VERSION } from '../../api/protocol.ts';
import { DATA_INTERFACE } from '../../api/labels.ts';
import type { Grant, GrantedEndpoint, ModeType, Testbed, Trial } from '../../api/v1alpha1.ts';
import { secretName } from '../names.ts';
import type { PlannedObject } from '../types.ts';
import { CLOUD_SECTIONS } from './cloudGuest.ts';
import { childMeta } from './metadata.ts';

/** What only the operator knows: where the collector is, and how to derive keys. */
export interface Credentials {
  collectorUrl: string;
  /** PEM. */
  ca: string;
  /** Token of one endpoint of one Trial. */
  token(trialUid: string, endpoint: string): string;
  /** Key shared by the two endpoints of one pair. */
  controlKey(trialUid: string, pair: number): string;
}

/** Where the seed puts an endpoint's configuration; a guest takes the one whose data MAC it has. */
export const seedPath = (endpoint: string): string => `/etc/vfbench/endpoints/${endpoint}.json`;

const pairOf = (endpoint: string): number => Number(endpoint.split('-')[1]);
const bare = (address: string): string => address.split('/')[0] ?? '';

function peerOf(grant: Grant, endpoint: GrantedEndpoint): string {
  const role = endpoint.name.startsWith('server') ? 'client' : 'server';
  const peer = grant.endpoints.find((other) => other.name === `${role}-${pairOf(endpoint.name)}`);
  return bare(peer?.address ?? '');
}

/** A pod at the client end of a VM mode is a Native endpoint. */
const modeTypeOf = (endpoint: GrantedEndpoint, modeType: ModeType): ModeType =>
  endpoint.kind === 'Pod' ? 'Native' : modeType;

export function endpointConfig(
  trial: Trial,
  testbed: Testbed,
  endpoint: GrantedEndpoint,
  context: { grant: Grant; modeType: ModeType; credentials: Credentials },
): EndpointConfig {
  const { metadata } = trial;
  const uid = metadata.uid ?? '';
  const isPod = endpoint.kind === 'Pod';
  return {
    version: PROTOCOL_VERSION,
    trial: { namespace: metadata.namespace ?? '', name: metadata.name, uid },
    endpoint: endpoint.name as EndpointName,
    collector: { url: context.credentials.collectorUrl, ca: context.credentials.ca },
    token: context.credentials.token(uid, endpoint.name),
    controlKey: context.credentials.controlKey(uid, pairOf(endpoint.name)),
    ...(endpoint.managementMac === undefined ? {} : { managementMac: endpoint.managementMac }),
    dataNic: {
      mode: modeTypeOf(endpoint, context.modeType),
      ...(isPod ? { interface: DATA_INTERFACE } : { mac: endpoint.mac ?? '' }),
      address: endpoint.address,
      peer: peerOf(context.grant, endpoint),
      mtu: testbed.spec.link.mtu,
      configure: !isPod,
    },
  };
}

/** cloud-config; JSON is YAML, and our own guest reads it without a YAML parser. */
function userData(configs: readonly EndpointConfig[], isCloudImage: boolean): string {
  const files = configs.map((config) => ({
    path: seedPath(config.endpoint),
    permissions: '0600',
    content: JSON.stringify(config),
  }));
  return `#cloud-config\n${JSON.stringify({ write_files: files, ...(isCloudImage ? CLOUD_SECTIONS : {}) })}`;
}

/**
 * Netplan v2. NICs are matched by MAC, so the entries of other guests do no harm: no boot waits for an optional one,
 * and without `set-name` cloud-init does not insist on finding it.
 */
function networkData(endpoints: readonly GrantedEndpoint[], mtu: number): string {
  const ethernets = endpoints.flatMap((endpoint) => [
    [`${endpoint.name}-mgmt`, { match: { macaddress: endpoint.managementMac }, optional: true, dhcp4: true }],
    [
      `${endpoint.name}-data`,
      {
        match: { macaddress: endpoint.mac },
        optional: true,
        dhcp4: false,
        'accept-ra': false,
        mtu,
        addresses: [endpoint.address],
      },
    ],
  ]);
  return JSON.stringify({ version: 2, ethernets: Object.fromEntries(ethernets) });
}

export function renderSecret(
  trial: Trial,
  testbed: Testbed,
  context: { grant: Grant; modeType: ModeType; credentials: Credentials },
): PlannedObject {
  const { endpoints } = context.grant;
  const configs = endpoints.map((endpoint) => endpointConfig(trial, testbed, endpoint, context));
  const vms = endpoints.filter((endpoint) => endpoint.kind === 'VirtualMachineInstance');
  const isVm = new Set(vms.map((endpoint) => endpoint.name));
  const pods = configs.filter((config) => !isVm.has(config.endpoint));
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: childMeta(trial, secretName(trial.metadata)),
    type: 'Opaque',
    immutable: true,
    stringData: {
      ...Object.fromEntries(pods.map((config) => [secretKey(config.endpoint), JSON.stringify(config)])),
      ...(vms.length === 0
        ? {}
        : {
            userdata: userData(
              configs.filter((config) => isVm.has(config.endpoint)),
              testbed.spec.vm?.runnerDisk !== undefined,
            ),
            networkdata: networkData(vms, testbed.spec.link.mtu),
          }),
    },
  };
}
