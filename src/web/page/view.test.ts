import { expect, test } from '@jest/globals';
import { condition, experiment, testbed } from '../../../test/support/builders.ts';
import type { Experiment, ExperimentStatus } from '../../api/v1alpha1.ts';
import { experimentLine, stateOf, testbedLine } from './view.ts';

const finished = (succeeded: 'True' | 'False', verdict?: ExperimentStatus['verdict']): ExperimentStatus => ({
  conditions: [condition('Finished', 'True'), condition('Succeeded', succeeded)],
  ...(verdict === undefined ? {} : { verdict }),
});
const of = (status?: ExperimentStatus, spec: Partial<Experiment['spec']> = {}): Experiment => ({
  ...experiment(spec),
  ...(status === undefined ? {} : { status }),
});

test.each<[string, Experiment, string]>([
  ['nobody has looked at it', of(), 'Pending'],
  ['nothing may run', of({ conditions: [condition('Admitted', 'False')], startTime: 'x' }), 'Waiting'],
  ['it waits for its first grant', of({ queue: { position: 1, length: 2 } }), 'Waiting'],
  ['its first Trial was granted', of({ startTime: 'x', queue: { position: 1, length: 2 } }), 'Running'],
  ['it is suspended', of({ startTime: 'x' }, { suspend: true }), 'Suspended'],
  ['it ended, suspended or not', of(finished('True'), { suspend: true }), 'Completed'],
  ['it ended well, without expectations', of(finished('True', 'None')), 'Completed'],
  ['it ended badly, without expectations', of(finished('False', 'None')), 'Failed'],
  ['its expectations passed', of(finished('True', 'Passed')), 'Passed'],
  ['its expectations passed, and a cell has no results', of(finished('False', 'Passed')), 'Failed'],
  ['an expectation failed', of(finished('False', 'Failed')), 'Failed'],
  ['its expectations were not decided', of(finished('False', 'Inconclusive')), 'Inconclusive'],
  [
    'it is being deleted',
    { ...of(finished('True')), metadata: { ...experiment().metadata, deletionTimestamp: 'x' } },
    'Deleting',
  ],
])('%s', (_, object, state) => {
  expect(stateOf(object)).toBe(state);
});

test('a line is bounded, whatever the message', () => {
  const long = of({ conditions: [condition('Admitted', 'False', { message: 'x'.repeat(4096) })] });
  const line = experimentLine(long, { running: [], secondsLeft: null, stage: () => '' });
  expect(line.message).toHaveLength(300);
  expect(JSON.stringify(line).length).toBeLessThan(1000);
});

test('a Testbed that nobody has looked at is not taken for ready', () => {
  expect(testbedLine(testbed())).toMatchObject({ ready: 'Unknown', modes: [], nodes: 0 });
});
