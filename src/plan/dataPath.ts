/** Whether each endpoint's data NIC is the one it was granted: by mode, by Multus' word, by its PF. */
import type { Registration } from '../api/protocol.ts';
import { LABEL_ENVIRONMENT } from '../api/labels.ts';
import type { GrantedEndpoint } from '../api/v1alpha1.ts';
import { attest } from './attest.ts';
import { attachedOf, factsOf, hostOf, vfOnNode } from './endpointFacts.ts';
import type { Finding } from './observed.ts';
import { configurationOf } from './preflight/attachment.ts';
import { wrongPhysicalFunctions } from './physicalFunctions.ts';
import { type Check, endpointsOf } from './trialStates.ts';
import type { EndpointReport, TrialObserved } from './trialObserved.ts';
import { leftSettings } from './vfSettings.ts';

/** What an endpoint said it is, when it reported in and with its results: both must hold. */
function registrationsOf(report: EndpointReport | undefined): Registration[] {
  return [report?.registration, report?.result?.registration].filter(
    (registration) => registration !== null && registration !== undefined,
  );
}

/** The first problem of any endpoint's registrations. */
const each =
  (judge: (observed: TrialObserved, endpoint: GrantedEndpoint, registration: Registration) => Finding | null): Check =>
  (observed) => {
    for (const endpoint of endpointsOf(observed.trial)) {
      for (const registration of registrationsOf(observed.reports.get(endpoint.name))) {
        const problem = judge(observed, endpoint, registration);
        if (problem !== null) return problem;
      }
    }
    return null;
  };

const attachmentOf = ({ attachments, trial }: TrialObserved, { attachment }: GrantedEndpoint) =>
  attachments.get(`${trial.metadata.namespace}/${attachment}`);

const isEmulated = ({ nodes }: TrialObserved, { node }: GrantedEndpoint): boolean =>
  nodes.get(node)?.metadata.labels?.[LABEL_ENVIRONMENT] === 'emulated';

/** Whether sriov-cni moved a VF into the pod: always a PCI device, other than a stand-in for one. */
function hasVf(observed: TrialObserved, endpoint: GrantedEndpoint): boolean {
  if (endpoint.kind !== 'Pod' || endpoint.resource === undefined || isEmulated(observed, endpoint)) return false;
  return configurationOf(attachmentOf(observed, endpoint))?.plugin === 'sriov';
}

const wrongDataPath = each((observed, endpoint, registration) => {
  const { testbed, mode } = observed;
  if (testbed === null || mode === null) return null;
  const problem = attest(registration, {
    mode: endpoint.kind === 'Pod' ? 'Native' : mode.type,
    hasVf: hasVf(observed, endpoint),
    ...(endpoint.mac === undefined ? {} : { mac: endpoint.mac }),
    mtu: testbed.spec.link.mtu,
    address: endpoint.address,
  });
  return problem === null ? null : { reason: problem.reason, message: `${endpoint.name}: ${problem.message}` };
});

/** A pod's NIC must be the one that Multus attached. (A guest sees its own buses, not the node's.) */
const wrongAttachment = each((observed, endpoint, { nic }) => {
  if (endpoint.kind !== 'Pod') return null;
  const made = attachedOf(observed, endpoint);
  if (made === null) return null;
  const name = `${endpoint.name}: Data NIC ${nic.interface}`;
  if (made.mac !== undefined && made.mac !== nic.mac)
    return wrong(`${name} has MAC ${nic.mac}; Multus attached one with ${made.mac}`);
  if (made.pciAddress === undefined || made.pciAddress === nic.pciAddress) return null;
  if (nic.pciAddress !== null)
    return wrong(`${name} is PCI device ${nic.pciAddress}; Multus attached ${made.pciAddress}`);
  // A stand-in for a VF has an address and no device.
  return isEmulated(observed, endpoint) ? null : wrong(`${name} is no PCI device; Multus attached ${made.pciAddress}`);
});

const wrong = (message: string): Finding => ({ reason: 'WrongDataPath', message });

const settingsLeft = each((observed, endpoint, { nic }) => {
  const { hostPciAddress } = hostOf(observed, endpoint, nic);
  const vf = { own: nic.vf, onNode: vfOnNode(observed, endpoint, hostPciAddress), hostPciAddress };
  return leftSettings(endpoint.name, vf, attachmentOf(observed, endpoint));
});

const wrongPf: Check = (observed) => {
  const { mode, trial } = observed;
  const facts = mode?.pf === undefined ? null : factsOf(observed);
  return mode === null || facts === null ? null : wrongPhysicalFunctions(mode, trial.spec, facts);
};

/** A tool that is missing in the image is named before anything is measured. */
const toolMissing: Check = (observed) => {
  for (const [name, report] of observed.reports) {
    const missing = registrationsOf(report).flatMap((r) =>
      observed.tools.filter((tool) => (r.tools[tool] ?? null) === null),
    )[0];
    if (missing !== undefined) return { reason: 'ToolMissing', message: `${name}: ${missing} is not in the image` };
  }
  return null;
};

export const DATA_PATH: readonly Check[] = [wrongAttachment, wrongDataPath, wrongPf, settingsLeft, toolMissing];
