/** Every command and option of the plugin: usage, parsing, completion and docs/cli.md are made from this table. */

export interface Option {
  name: string;
  short?: string;
  /** What stands for the value in usage; absent for a switch. */
  value?: string;
  /** The only values that it takes. */
  choices?: readonly string[];
  help: string;
}

export interface Command {
  name: string;
  /** Positional arguments as usage shows them. */
  args: string;
  /** How many positional arguments there must and may be. */
  count: readonly [least: number, most: number];
  summary: string;
  options: readonly Option[];
  /** Completed by names of Experiments or Testbeds, or by these words. */
  completes?: 'experiments' | 'testbeds' | readonly string[];
}

const NAMESPACE: Option = {
  name: 'namespace',
  short: 'n',
  value: 'NAMESPACE',
  help: 'namespace; default: the one of the kubeconfig context',
};
const CLUSTER: readonly Option[] = [
  NAMESPACE,
  { name: 'kubeconfig', value: 'FILE', help: 'kubeconfig; default: KUBECONFIG, then ~/.kube/config' },
  { name: 'context', value: 'CONTEXT', help: 'context of the kubeconfig' },
];
const FILE: Option = {
  name: 'filename',
  short: 'f',
  value: 'FILE',
  help: 'YAML or JSON manifests; - for standard input',
};
const WAITING: readonly Option[] = [
  {
    name: 'timeout',
    value: 'DURATION',
    help: 'end the wait after so long with exit code 5, such as 90m; default: none',
  },
  {
    name: 'lost-after',
    value: 'DURATION',
    help: 'end the wait with exit code 1 when the API server has not answered for so long; default 1m',
  },
  {
    name: 'stalled-after',
    value: 'DURATION',
    help: 'end the wait with exit code 6 when the Experiment has been Stalled for so long; default: never for watch, 2m else',
  },
];
export const FORMAT_CHOICES = ['table', 'html', 'md', 'json', 'jsonl', 'csv', 'junit'] as const;
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const GLOBAL_OPTIONS: readonly Option[] = [{ name: 'help', short: 'h', help: 'usage' }];

export const COMMANDS: readonly Command[] = [
  {
    name: 'run',
    args: '',
    count: [0, 0],
    summary: 'Create the Experiment of a file, and Testbeds beside it; with --wait follow it to its end',
    options: [
      FILE,
      { name: 'wait', short: 'w', help: 'follow it, print its results, exit as it ended' },
      ...WAITING,
      ...CLUSTER,
    ],
  },
  {
    name: 'watch',
    args: 'NAME',
    count: [1, 1],
    summary: 'Follow an Experiment to its end, then print its results',
    options: [...WAITING, ...CLUSTER],
    completes: 'experiments',
  },
  {
    name: 'report',
    args: 'NAME',
    count: [1, 1],
    summary: 'Print the results of an Experiment as they are now',
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'FORMAT',
        choices: FORMAT_CHOICES,
        help: 'format; default table; jsonl: raw observations',
      },
      ...CLUSTER,
    ],
    completes: 'experiments',
  },
  {
    name: 'compare',
    args: 'A B',
    count: [2, 2],
    summary: 'Compare two Experiments, or files made by report -o json, row by row; B over A',
    options: [
      { name: 'output', short: 'o', value: 'FORMAT', choices: ['table', 'json'], help: 'format; default table' },
      { name: 'confidence', value: 'PERCENT', help: 'confidence of the intervals, 80 to 99; default 95' },
      ...CLUSTER,
    ],
    completes: 'experiments',
  },
  {
    name: 'plan',
    args: '',
    count: [0, 0],
    summary: 'Print what an Experiment would run: cells, VFs, duration. Touches no cluster',
    options: [
      FILE,
      { name: 'output', short: 'o', value: 'FORMAT', choices: ['table', 'json'], help: 'format; default table' },
    ],
  },
  {
    name: 'rerun',
    args: 'NAME',
    count: [1, 1],
    summary: 'Create a new Experiment with the spec of an old one',
    options: [
      { name: 'name', value: 'NEW', help: 'name of the new one; default: NAME-2, or the next that is free' },
      { name: 'seed', value: 'NUMBER', help: 'another seed; default: as in the old spec' },
      { name: 'wait', short: 'w', help: 'follow it, print its results, exit as it ended' },
      ...WAITING,
      ...CLUSTER,
    ],
    completes: 'experiments',
  },
  {
    name: 'doctor',
    args: '[TESTBED]',
    count: [0, 1],
    summary: 'Check cluster, rights, operator and Testbeds: each line ok, warn or fail, with its cure',
    options: [
      {
        name: 'probe',
        help: 'also start one short-lived pod on the image of each Testbed: image pull, way to the collector',
      },
      { name: 'operator-namespace', value: 'NAMESPACE', help: 'where the operator runs; default vfbench-system' },
      ...CLUSTER,
    ],
    completes: 'testbeds',
  },
  {
    name: 'support-bundle',
    args: '',
    count: [0, 0],
    summary: 'Write what explains a problem into one .tar.gz, without Secrets and without what looks like one',
    options: [
      {
        name: 'output',
        short: 'o',
        value: 'FILE',
        help: 'file to write; default: vfbench-support-NAMESPACE-TIME.tar.gz',
      },
      { name: 'redact-addresses', help: 'give IP and MAC addresses other names' },
      { name: 'operator-namespace', value: 'NAMESPACE', help: 'where the operator runs; default vfbench-system' },
      ...CLUSTER,
    ],
  },
  {
    name: 'completion',
    args: 'SHELL',
    count: [1, 1],
    summary: 'Print the completion script for bash, zsh or fish',
    options: [],
    completes: SHELLS,
  },
  { name: 'version', args: '', count: [0, 0], summary: 'Print the version of the plugin', options: [] },
];

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'passed: it ended with results, and no expectation failed'],
  [1, 'error: it failed, was deleted, cannot be compared, or the API server is out of reach'],
  [2, 'usage'],
  [3, 'an expectation failed'],
  [4, 'inconclusive: an expectation could not be decided'],
  [5, 'timeout: --timeout passed; the Experiment goes on'],
  [6, 'environment not fit: doctor found a failure, or the Experiment is Stalled'],
  [130, 'interrupted by Ctrl-C; the Experiment goes on'],
];
