/** What is known of one endpoint, as flat fields: the material of comparisons between trials. */
import type { Registration } from '../../api/protocol.ts';
import type { Fingerprint, FingerprintField } from '../../api/v1alpha1.ts';

/** Fields of one endpoint in order of their names, and their digest. */
export interface EndpointFingerprint {
  digest: string;
  fields: FingerprintField[];
}

/** Entries that a Trial's status holds. */
const MOST_ENTRIES = 16;
/** Fields that an entry holds. */
const MOST_FIELDS = 160;

/**
 * Fields of an endpoint: what it was made from, what it registered with, its own fingerprint. Addresses (MAC, PCI, IP)
 * are left out: each trial is given others, by design. Where there are too many, the endpoint's own are cut.
 */
export function fieldsOf(
  { nic, kernel, tools, runner, fingerprint = {} }: Registration,
  made: Readonly<Record<string, string>> = {},
): FingerprintField[] {
  const known: Record<string, string> = {
    ...made,
    'kernel.release': kernel,
    'nic.driver': nic.driver,
    'nic.bus': nic.bus,
    'nic.mtu': `${nic.mtu}`,
    'runner.version': runner,
    ...Object.fromEntries(Object.entries(tools).map(([tool, version]) => [`tool.${tool}`, version ?? 'missing'])),
  };
  const own = Object.entries(fingerprint).filter(([name]) => known[name] === undefined);
  return [...Object.entries(known), ...own]
    .slice(0, MOST_FIELDS)
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text that is digested: equal exactly where the fields are. */
export const digestedText = (fields: readonly FingerprintField[]): string =>
  JSON.stringify(fields.map(({ name, value }) => [name, value]));

/** One entry for all endpoints of a node that are alike, in the order in which the endpoints come. */
export function groupFingerprints(
  endpoints: readonly { name: string; node: string; fingerprint: EndpointFingerprint }[],
): Fingerprint[] {
  const groups = Map.groupBy(endpoints, ({ node, fingerprint }) => `${node} ${fingerprint.digest}`);
  return [...groups.values()].slice(0, MOST_ENTRIES).flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const { digest, fields } = first.fingerprint;
    return [{ digest, node: first.node, endpoints: alike.map(({ name }) => name), fields }];
  });
}
