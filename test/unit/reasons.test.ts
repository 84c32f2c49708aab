/** Reasons of conditions: every one that the source can give is explained, and nothing else is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../support/pages.ts';

const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The source files of a folder, tests aside. */
function sources(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const own = files.filter((file) => file.endsWith('.ts') && !/\.test(ing)?\.ts$/.test(file));
  return own.map((file) => text(join(folder, file)));
}

/** Words in quotes that look like a reason: in CamelCase. */
function words(folder: string): Set<string> {
  return new Set(
    sources(folder).flatMap((source) => {
      const code = source.replaceAll(/^(?:import|export) .* from .*$/gm, '');
      return [...code.matchAll(/'([A-Z][A-Za-z]+)'/g)].map(([, word]) => word ?? '');
    }),
  );
}

/** Reasons in the first column of a page's tables of reasons. */
function explained(page: string): Set<string> {
  const tables = text(page).match(/^\| reason \|.*\n(?:\|.*\n)*/gm) ?? [];
  const rows = tables.join('').matchAll(/^\|(.*?)\|/gm);
  return new Set(
    [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z][A-Za-z]+)`/g)].map(([, word]) => word ?? '')),
  );
}

const PAGES = ['docs/conditions.md', 'docs/failures.md', 'docs/testbed.md', 'docs/method.md'];
/** Said of a Trial in docs/conditions.md, in a sentence. */
const IN_WORDS = ['Granted', 'AllReported', 'ResultsStored', 'EndpointsGone', 'EndpointsRemain'];
const ALL = new Set([...PAGES.flatMap((page) => [...explained(page)]), ...IN_WORDS]);

/** Words of the two folders that are no reason of a condition of ours. */
const OTHERS: Record<string, readonly string[]> = {
  'kinds and parts of objects': [
    'ConfigMap',
    'EndpointSlice',
    'Experiment',
    'Pod',
    'Secret',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
    'TokenReview',
    'Testbed',
    'Trial',
    'VirtualMachineInstance',
    'Grants',
    'Memory',
  ],
  'types of conditions': [
    'CleanedUp',
    'Comparable',
    'Converged',
    'EndpointsReady',
    'Finished',
    'Measured',
    'Ready',
    'Reconciling',
    'ReportStored',
    'Stalled',
    'Stationary',
    'Succeeded',
    'AgentConnected',
    'Available',
    'DisruptionTarget',
    'PodReadyToStartContainers',
    'PodScheduled',
    'Synchronized',
  ],
  'values of fields': [
    'ALL',
    'Always',
    'Client',
    'Cordoned',
    'CrossNode',
    'Deleting',
    'Deployed',
    'Different',
    'Error',
    'Failed',
    'False',
    'IfNotPresent',
    'In',
    'Inconclusive',
    'Mixed',
    'Native',
    'Netdevice',
    'Never',
    'NoExecute',
    'NoSchedule',
    'None',
    'Normal',
    'NotReady',
    'Opaque',
    'Passthrough',
    'Pending',
    'RuntimeDefault',
    'Same',
    'SameNode',
    'Scheduled',
    'Scheduling',
    'Server',
    'TCP',
    'Tainted',
    'True',
    'Unknown',
    'VFIO',
    'Virtio',
    'Warning',
  ],
  'states in the code': [
    'Absent',
    'Creating',
    'Done',
    'Ended',
    'Forbidden',
    'GivenUp',
    'Open',
    'Starting',
    'RefusedError',
  ],
  'reasons that others give, which are translated': [
    'CrashLoopBackOff',
    'CreateContainerConfigError',
    'CreateContainerError',
    'ErrImageNeverPull',
    'ErrImagePull',
    'FailedMount',
    'ImageInspectError',
    'ImagePullBackOff',
    'InvalidImageName',
    'PodNotExists',
    'PodTerminating',
    'RegistryUnavailable',
    'RunContainerError',
    'SignatureValidationFailed',
  ],
  'reasons of events': ['ReportNotStored'],
};
const OTHER_WORDS = Object.values(OTHERS).flat();

describe('reasons', () => {
  const said = new Set([...words('src/plan'), ...words('src/control')]);

  test('what operator and planner can say is explained', () => {
    expect([...said].filter((word) => !ALL.has(word) && !OTHER_WORDS.includes(word)).sort()).toEqual([]);
  });

  // How many there are at least: a change of the code's ways must not leave the patterns without a match.
  test.each([
    ['src/runner', 10],
    ['src/collector', 12],
    ['src/results', 20],
  ])('what %s gives as a reason is explained', (folder, least) => {
    const named = [...given(folder)];
    expect(named.length).toBeGreaterThanOrEqual(least);
    expect(named.filter((word) => !ALL.has(word)).sort()).toEqual([]);
  });

  test('what is explained can be said', () => {
    const anywhere = new Set(
      ['src/plan', 'src/control', 'src/runner', 'src/results', 'src/collector'].flatMap((f) => [
        ...words(f),
        ...given(f),
      ]),
    );
    const types = ['NativeReady', 'VirtioReady', 'PassthroughReady'];
    expect([...ALL].filter((word) => !anywhere.has(word) && !types.includes(word)).sort()).toEqual([]);
  });

  test('an Experiment is refused for what an attachment is refused for, and for no mere warning', () => {
    const files = ['networkRules', 'poolRules', 'networks'].map((name) => text(`src/plan/preflight/${name}.ts`));
    const found = files.join('').matchAll(/\bfailure[,(]\s*'([A-Za-z]+)'/g);
    const [row = ''] = /^\| `AttachmentNotFound`.*$/m.exec(text('docs/conditions.md')) ?? [];
    const listed = [...(row.split('|')[1] ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, word]) => word);
    expect(new Set(listed)).toEqual(new Set([...found].map(([, word]) => word)));
  });

  test('the list of other words is not longer than it must be', () => {
    expect(OTHER_WORDS.filter((word) => !said.has(word))).toEqual([]);
    expect(OTHER_WORDS.filter((word) => ALL.has(word))).toEqual([]);
  });
});

/** How reasons are given in code: to errors and refusals, in problems, and of what has no value. */
const GIVEN = [
  /new (?:EndpointError|HttpError)\(([^)]*)/g,
  /\breason: (['`]\w+['`:])/g,
  /\b(?:failed|absent)\(([^`)]*)/g,
];

function given(folder: string): Set<string> {
  const code = [...sources(folder)].join('\n');
  const places = GIVEN.flatMap((pattern) => [...code.matchAll(pattern)].map(([, place]) => place ?? ''));
  return new Set(
    places.flatMap((place) => [...place.matchAll(/['`]([A-Z][A-Za-z]+)['`:]/g)].map(([, word]) => word ?? '')),
  );
}
