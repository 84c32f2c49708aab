/** Every fault that the sandbox's stand-ins can play, in pods and in VMs: its named reason, in bounded time, nothing left. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isTrue } from '../../src/api/conditions.ts';
import type { ModeType } from '../../src/api/v1alpha1.ts';
import type { Fault } from '../../src/sandbox/agents/faults.ts';
import { noSandbox } from '../support/assets.ts';
import { describeUnless } from '../support/skip.ts';
import { conditionText, Lab, START_MS } from './fixtures/sandbox-lab.ts';

/** Above what the slowest wait of a Trial takes, by the Testbed below, and its clean-up. */
const BOUND_SECONDS = 210;
/** Guests boot at once here: those that say themselves what they lack get the time for it on any machine. */
const TIMEOUTS = { scheduleSeconds: 8, startSeconds: 150, marginSeconds: 15, cleanupSeconds: 20 };

interface Case {
  fault: Fault;
  type: ModeType;
  /** Endpoints that it strikes; all where absent. */
  end?: 'server' | 'client';
  /** How the Trial's reason and message begin. */
  ends: RegExp;
}

const CASES: Case[] = [
  { fault: 'crash', type: 'Native', end: 'client', ends: /^EndpointFailed: client-0: .* exit code 137/ },
  { fault: 'evict', type: 'Native', end: 'server', ends: /^EndpointFailed: server-0: .*Evicted.*low on resource/ },
  {
    fault: 'image-pull',
    type: 'Native',
    end: 'server',
    ends: /^ImagePullFailed: server-0: .*(ErrImagePull|ImagePullBackOff)/,
  },
  {
    fault: 'cni-failure',
    type: 'Native',
    end: 'client',
    ends: /^NetworkAttachFailed: client-0: failed to setup network: plugin type="multus"/,
  },
  { fault: 'no-tools', type: 'Native', end: 'server', ends: /^ToolMissing: server-0: (iperf3|ip)/ },
  { fault: 'no-network', type: 'Native', end: 'client', ends: /^DataNicMissing: client-0: No NIC named data0/ },
  {
    fault: 'never-boots',
    type: 'Virtio',
    ends: /^BootTimeout: (server|client)-0: .*did not report in within 150 s.*console/,
  },
  { fault: 'crash', type: 'Passthrough', ends: /^EndpointFailed: (server|client)-0: / },
  { fault: 'launcher-crash', type: 'Virtio', ends: /^EndpointFailed: (server|client)-0: / },
  { fault: 'image-pull', type: 'Virtio', ends: /^ImagePullFailed: (server|client)-0: / },
  { fault: 'cni-failure', type: 'Passthrough', ends: /^NetworkAttachFailed: (server|client)-0: / },
  {
    fault: 'double-vf',
    type: 'Passthrough',
    end: 'client',
    ends: /^InjectorConflict: client-0: .* asks for 2 of sandbox\.vfbench\.io\/vfvfio, granted is 1/,
  },
  { fault: 'no-network', type: 'Virtio', ends: /^DataNicMissing: (server|client)-0: No NIC with MAC 02:/ },
];

const nameOf = ({ fault, type }: Case): string => `${fault}-${type.toLowerCase()}`;

describeUnless(noSandbox, 'sandbox, faults', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start();
    await lab.testbed('faulty', { concurrency: CASES.length + 1, timeouts: TIMEOUTS });
  }, START_MS);

  afterAll(async () => {
    if (lab !== undefined) expect(await lab.stop()).toEqual([]);
  }, START_MS);

  const start = async (name: string, type: ModeType): Promise<void> => {
    const mode = type.toLowerCase();
    await lab.experiment(name, { testbed: 'faulty', modes: [{ name: mode, type }], baseline: mode });
  };

  describe('at once, beside a healthy trial', () => {
    beforeAll(
      async () => {
        for (const each of CASES) {
          const strikes = (object: string): boolean =>
            object.startsWith(`${nameOf(each)}-b0-`) && (each.end === undefined || object.endsWith(`-${each.end}-0`));
          lab.sandbox.agents.faults.set(each.fault, ({ name }) => strikes(name));
          await start(nameOf(each), each.type);
        }
        await start('healthy', 'Native');
        await Promise.all([...CASES.map(nameOf), 'healthy'].map((name) => lab.finished(name, BOUND_SECONDS)));
      },
      (BOUND_SECONDS + 30) * 1000,
    );

    test.each(CASES.map((each) => [each.fault, each.type, each] as const))(
      '%s, %s: a named reason',
      async (_fault, _type, each) => {
        const trial = await lab.trial(nameOf(each));
        expect(conditionText(trial.status?.conditions, 'Succeeded')).toMatch(each.ends);
        expect(isTrue(trial.status?.conditions, 'CleanedUp')).toBe(true);
        const { status } = await lab.get(nameOf(each));
        expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^CellFailed: /);
        expect(status?.results?.some(({ median }) => median !== undefined)).not.toBe(true);
      },
    );

    test('the healthy one is not harmed', async () => {
      expect(conditionText((await lab.get('healthy')).status?.conditions, 'Succeeded')).toMatch(/^Completed/);
    });

    test('nothing is left', () => lab.nothingLeft());
  });

  test('a node that is lost while a trial measures is named; what it holds is held until it is back', async () => {
    await lab.testbed('lossy', { timeouts: { ...TIMEOUTS, cleanupSeconds: 3 } });
    await lab.experiment('lost', { testbed: 'lossy', durationSeconds: 20 });
    await lab.trialWith('lost', 'EndpointsReady');
    const found = lab.sandbox.agents.faults.set('lose-node', ({ name }) => name === 'sandbox-b');
    const lost = await lab.trialWith('lost', 'Measured', 'False');
    expect(conditionText(lost.status?.conditions, 'Measured')).toMatch(
      /^NodeLost: Node sandbox-b of endpoint client-0/,
    );
    const stuck = await lab.trialWith('lost', 'CleanedUp', 'False');
    expect(conditionText(stuck.status?.conditions, 'CleanedUp')).toMatch(
      /^EndpointsRemain: .*Pod lost-b0-native-.*-client-0/,
    );
    expect(isTrue(stuck.status?.conditions, 'Finished')).toBe(false);
    found();
    const { status } = await lab.finished('lost', 60);
    expect(conditionText(status?.conditions, 'Succeeded')).toMatch(/^CellFailed: .*NodeLost/);
    await lab.nothingLeft();
  }, 120_000);
});
