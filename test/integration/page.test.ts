/** The live page of a real operator on a real API server: tokens, rights, live progress, the stored report, no request at rest. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { OperatorProcess } from '../../src/sandbox/operator.ts';
import { type AuditEntry, operatorRequests } from '../support/audit.ts';
import { describeWithCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { experimentManifest, type Fleet, FLEET_CLUSTER, labManifests, startFleet } from '../support/fleet.ts';
import { liveWell } from '../support/good-life.ts';
import { ask, readPage, type Reader } from '../support/reader.ts';

const DEPLOY = new URL('../../deploy/', import.meta.url).pathname;

describeWithCluster('the page on a real API server', { ...FLEET_CLUSTER, audit: true }, (cluster) => {
  let fleet: Fleet;
  let operator: OperatorProcess;
  const tokens = new Map<string, string>();
  const isShown = Promise.withResolvers<void>();
  const open: Reader[] = [];

  beforeAll(async () => {
    // Endpoints of one namespace measure until the page has shown that they do; it shares its nodes with another.
    const measure = (namespace: string): Promise<void> => (namespace === 'bench' ? isShown.promise : Promise.resolve());
    fleet = await startFleet(cluster(), { script: (e) => liveWell(e, { measure: () => measure(e.namespace) }) });
    const kubectl = (args: string[]): Promise<string> => cluster().kubectl(args);
    await kubectl([
      'apply',
      '-f',
      join(DEPLOY, 'base/aggregate.yaml'),
      '-f',
      join(DEPLOY, 'components/page/rbac.yaml'),
    ]);
    for (const namespace of ['bench', 'team', 'readers']) await kubectl(['create', 'namespace', namespace]);
    for (const name of ['everywhere', 'team-only', 'nowhere']) {
      await kubectl(['create', 'serviceaccount', name, '-n', 'readers']);
      tokens.set(name, (await kubectl(['create', 'token', name, '-n', 'readers'])).trim());
    }
    const account = (name: string): string => `--serviceaccount=readers:${name}`;
    await kubectl(['create', 'clusterrolebinding', 'everywhere', '--clusterrole=vfbench-view', account('everywhere')]);
    await kubectl([
      'create',
      'rolebinding',
      'team-only',
      '-n',
      'team',
      '--clusterrole=vfbench-view',
      account('team-only'),
    ]);
    tokens.set(
      'another audience',
      (await kubectl(['create', 'token', 'everywhere', '-n', 'readers', '--audience=other'])).trim(),
    );
    operator = await fleet.operator('page', { page: 'Token' });
  }, 90_000);
  afterAll(async () => {
    for (const reader of open) reader.close();
    await fleet?.stop();
  });

  const read = async (who: string): Promise<Reader> => {
    const reader = await readPage(`${operator.pageUrl}/api/v1/stream`, tokens.get(who));
    open.push(reader);
    return reader;
  };
  const get = (who: string, path: string): ReturnType<typeof ask> =>
    ask(`${operator.pageUrl}${path}`, { token: tokens.get(who) ?? '' });

  test('an Experiment is followed from its creation to its report', async () => {
    const reader = await read('everywhere');
    await reader.message(0);
    for (const namespace of ['bench', 'team']) await cluster().apply(...labManifests(namespace));
    await cluster().apply(
      experimentManifest('bench', 'exp'),
      experimentManifest('team', 'exp', { blocks: { min: 2, max: 2 } }),
    );
    const lines = () =>
      reader.messages.flatMap(({ data }) => data.experiments).filter(({ key }) => key === 'bench/exp');
    await eventually(60, () =>
      Promise.resolve(lines().some(({ state, running }) => state === 'Running' && running.length > 0) || null),
    );
    isShown.resolve();
    await eventually(60, () => Promise.resolve(lines().at(-1)?.ended || null));
    expect(lines().at(-1)).toMatchObject({ state: 'Completed', blocks: 6, trials: 18, emulated: true });
    const { status, text } = await get('everywhere', '/api/v1/experiments/bench/exp/report');
    expect([status, text.includes('bench/exp')]).toEqual([200, true]);
    await cluster().kubectl(['delete', 'trials', '--all', '-n', 'bench', '--wait=false']);
    await eventually(30, async () =>
      (await get('everywhere', '/api/v1/experiments/bench/exp')).text.includes('"failed":[]') ? true : null,
    );
    const stored = await get('everywhere', '/api/v1/experiments/bench/exp/report');
    expect(stored.text).toBe(text);
  }, 150_000);

  test('each sees the namespaces that RBAC gives them', async () => {
    const seen = async (who: string): Promise<string[]> => {
      const { data } = await (await read(who)).message(0);
      return data.experiments.map(({ key }) => key).toSorted();
    };
    expect(await seen('everywhere')).toEqual(['bench/exp', 'team/exp']);
    expect(await seen('team-only')).toEqual(['team/exp']);
    expect(await seen('nowhere')).toEqual([]);
    expect((await get('team-only', '/api/v1/experiments/bench/exp')).status).toBe(403);
    expect((await get('team-only', '/api/v1/testbeds/team/lab')).status).toBe(200);
    expect((await get('another audience', '/api/v1/experiments/bench/exp')).status).toBe(401);
  });

  test('a right that is taken away counts within ten seconds', async () => {
    expect((await get('team-only', '/api/v1/experiments/team/exp')).status).toBe(200);
    await cluster().kubectl(['delete', 'rolebinding', 'team-only', '-n', 'team']);
    await eventually(
      13,
      async () => ((await get('team-only', '/api/v1/experiments/team/exp')).status === 403 ? true : null),
      500,
    );
  }, 30_000);

  test('open pages cost no request while nothing changes', async () => {
    await eventually(20, async () => {
      const before = (await requests()).length;
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const since = (await requests()).slice(before);
      return since.length === 0 ? true : null;
    });
    expect(open.filter((reader) => !reader.isEnded()).length).toBeGreaterThan(2);
  }, 60_000);

  test('the rights that come with the page are used, and no other is missing', async () => {
    const all = await operatorRequests(cluster().controlPlane);
    const reviews = all
      .filter(({ resource }) => resource.endsWith('reviews'))
      .map(({ verb, resource }) => `${verb} ${resource}`);
    expect(new Set(reviews)).toEqual(
      new Set(['create selfsubjectrulesreviews', 'create tokenreviews', 'create subjectaccessreviews']),
    );
    expect(all.filter(({ code }) => code === 403)).toEqual([]);
  });

  /** Of the operator, its Lease aside, and watches that go on. */
  const requests = async (): Promise<AuditEntry[]> =>
    (await operatorRequests(cluster().controlPlane)).filter(
      ({ verb, resource }) => verb !== 'watch' && resource !== 'leases',
    );
});
