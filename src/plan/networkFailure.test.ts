import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { networkFailure } from './networkFailure.ts';

const EVENTS = JSON.parse(readFileSync(new URL('testdata/cni-events.json', import.meta.url), 'utf8')) as {
  name: string;
  message: string;
}[];
/** The ends of recorded messages, of thin and of thick Multus, and what is to be done. */
const CURES: [string, RegExp, RegExp][] = [
  ['e-wrongnad', /cannot find a network-attachment-definition \(nosuch-net\)/, /: create that NetworkAttachmentDef/],
  ['th-wrongnad', /cannot find a network-attachment-definition \(nosuch-net\)/, /: create that NetworkAttachmentDef/],
  ['e-badns', /\(sriov-net\) in namespace \(otherns\)/, /: create that NetworkAttachmentDefinition/],
  ['e-norequest', /VF pci addr is required: /, /annotate the attachment with k8s\.v1\.cni\.cncf\.io\/resourceName/],
  ['e-noannot', /VF pci addr is required: /, /annotate the attachment/],
  ['th-norequest', /VF pci addr is required: /, /annotate the attachment/],
  ['virt-launcher-no-vf-request', /VF pci addr is required: /, /annotate the attachment/],
  ['e-nobin', /failed to find plugin "ovs" in path/, /: install that CNI plugin/],
  ['th-nobin', /failed to find plugin "ovs" in path/, /: install that CNI plugin/],
  ['e-badjson', /failed to unmarshal Spec\.Config/, /spec\.config is no JSON/],
  ['e-badann', /Selection Annotation JSON format: unexpected end of JSON input/, /: a webhook changed it, exclude the/],
  ['e-emptyconfig', /No networks found in/, /write spec\.config$/],
  ['mac-on-igbvf', /cannot assign requested address/, /: the VF's driver refuses a MAC/],
];

describe('a CNI failure', () => {
  test.each(CURES)('%s', (name, words, cure) => {
    const told = EVENTS.filter((event) => event.name === name).map(({ message }) => networkFailure(message));
    const found = told.find(({ message }) => words.test(message));
    expect(found).toMatchObject({ reason: 'NetworkAttachFailed', message: expect.stringMatching(cure) });
  });

  test('every recorded one is told with what to do, in one line, without what differs from try to try', () => {
    for (const { name, message } of EVENTS) {
      const told = networkFailure(message).message;
      expect(told).not.toMatch(/[0-9a-f]{64}|StdinData|\n|rpc error/);
      expect(told.length).toBeLessThan(1200);
      expect([name, CURED.filter((cure) => told.includes(cure)).length]).toEqual([name, 1]);
    }
  });

  test('two tries fail with the same words', () => {
    const [first, ...more] = EVENTS.filter(
      ({ message }) => message.includes('VF pci addr') && message.includes('sriov-net'),
    );
    const again = (first?.message ?? '').replace(/sandbox "[0-9a-f]+"/, `sandbox "${'0'.repeat(64)}"`);
    expect(networkFailure(again)).toEqual(networkFailure(first?.message ?? ''));
    expect(more.length).toBeGreaterThan(0);
  });

  test.each([
    ['pci address 0000:01:10.4 is already allocated', 'another pod still holds that VF'],
    ['IPAM plugin returned missing IP config', 'capabilities {"ips": true}'],
    ['failed to set vf 0 link state: operation not supported', 'such as link_state'],
  ])('%s', (ending, cure) => expect(networkFailure(`x: ${ending}`).message).toContain(cure));

  test('a long one keeps its end, where the cause stands', () => {
    const { message } = networkFailure(`${'x'.repeat(5000)} no such thing`);
    expect(message).toMatch(/^\.\.\. x+ no such thing$/);
    expect(message.length).toBeLessThan(1000);
  });
});

const CURED = [
  'create that NetworkAttachmentDefinition',
  'annotate the attachment',
  'install that CNI plugin',
  'spec.config is no JSON',
  'write spec.config',
  'refuses a MAC',
  'a webhook changed it',
  'this passes by itself',
];
