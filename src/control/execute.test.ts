import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { json, type SeenRequest, ScriptedServer, status } from '../../test/support/scripted-server.ts';
import { EventRecorder, isConflict, type KubeClient, type KubeObject, Store } from '../kube/index.ts';
import { clientFor, failureOf, silent } from '../kube/kube.testing.ts';
import { emptyPlan, type Plan, type PlannedObject } from '../plan/types.ts';
import { execute, type Executor, RefusedError } from './execute.ts';
import { TRIALS } from '../api/kinds.ts';

interface Status {
  phase?: string;
  grant?: object;
  startTime?: string;
}
type Subject = KubeObject & { status?: Status };

const NS = '/api/v1/namespaces/bench';
const TRIAL: Subject = {
  apiVersion: 'vfbench.io/v1alpha1',
  kind: 'Trial',
  metadata: { name: 't', namespace: 'bench', uid: 'uid-t', resourceVersion: '7' },
  status: { phase: 'old', grant: { nodes: 1 } },
};
const STATUS = '/apis/vfbench.io/v1alpha1/namespaces/bench/trials/t/status';
const OWNER = { apiVersion: 'vfbench.io/v1alpha1', kind: 'Trial', name: 't', uid: 'uid-t', controller: true };

const planned = (kind: string, name: string): PlannedObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'bench', ownerReferences: [OWNER] },
});
const stored = (kind: string, name: string, ownerUid = 'uid-t'): object => ({
  ...planned(kind, name),
  metadata: {
    name,
    namespace: 'bench',
    uid: `uid-${name}`,
    resourceVersion: '9',
    ownerReferences: [{ ...OWNER, uid: ownerUid }],
  },
});

let server: ScriptedServer;
let client: KubeClient;
let trials: Store<Subject>;
let pods: Store<KubeObject>;
let executor: Executor;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
  trials = new Store<Subject>();
  pods = new Store<KubeObject>();
  const events = new EventRecorder({ client, component: 'vfbench.io/operator', instance: 'x', log: silent });
  executor = { client, events, stores: { Pod: pods } };
});

afterEach(async () => {
  await client.close();
  await server.close();
});

const run = (plan: Partial<Plan<Status>>): Promise<void> =>
  execute<Subject, Status>(
    executor,
    { type: TRIALS, object: TRIAL, store: trials },
    { ...emptyPlan<Status>(), ...plan },
  );

const routes = (): string[] =>
  server.requests.map(({ verb, path }) => `${verb} ${path.split('/').slice(-2).join('/')}`);
const bodyOf = (request: SeenRequest | undefined): unknown => request?.body;

test('an empty plan, or a status that is there already, asks nothing of the server', async () => {
  await run({});
  await run({ status: { ...TRIAL.status } });
  expect(server.requests).toEqual([]);
});

test('status, the Secret, the endpoints, removals, events: in that order', async () => {
  server
    .on(`PATCH ${STATUS}`, json(200, { ...TRIAL, metadata: { ...TRIAL.metadata, resourceVersion: '8' } }))
    .on(`POST ${NS}/secrets`, json(201, stored('Secret', 's')))
    .on(`POST ${NS}/pods`, json(201, stored('Pod', 'a')), json(201, stored('Pod', 'b')))
    .on(`DELETE ${NS}/pods`, json(200, {}))
    .on(`DELETE ${NS}/secrets/s`, status(404, 'NotFound'))
    .on('POST /apis/events.k8s.io/v1/namespaces/bench/events', json(201, {}));
  await run({
    status: { phase: 'new' },
    create: [planned('Secret', 's'), planned('Pod', 'a'), planned('Pod', 'b')],
    remove: [
      { kind: 'Pod', namespace: 'bench', labelSelector: 'x=y,!z' },
      { kind: 'Secret', namespace: 'bench', name: 's' },
    ],
    events: [{ type: 'Warning', reason: 'R', message: 'm' }],
  });
  expect(routes()).toEqual([
    'PATCH t/status',
    'POST bench/secrets',
    'POST bench/pods',
    'POST bench/pods',
    'DELETE bench/pods',
    'DELETE secrets/s',
    'POST bench/events',
  ]);
  expect(server.seen(`DELETE ${NS}/pods`)[0]?.query).toMatchObject({ labelSelector: 'x=y,!z' });
  // By force is never: the next pod would be given a VF that is still in use.
  for (const { body } of server.seen(`DELETE ${NS}/pods`))
    expect(JSON.stringify(body)).not.toContain('gracePeriodSeconds');
  expect(
    pods
      .list()
      .map(({ metadata }) => metadata.name)
      .sort(),
  ).toEqual(['a', 'b']);
  expect(trials.get('bench/t')?.metadata.resourceVersion).toBe('8');
});

describe('a status', () => {
  test('is written as what differs, on the version that was read', async () => {
    server.on(`PATCH ${STATUS}`, json(200, TRIAL));
    await run({ status: { phase: 'new', startTime: 'now' } });
    expect(bodyOf(server.requests[0])).toEqual({
      metadata: { resourceVersion: '7' },
      status: { phase: 'new', startTime: 'now', grant: null },
    });
  });

  test('that is refused, since the object changed: nothing else is done', async () => {
    server.on(`PATCH ${STATUS}`, status(409, 'Conflict'));
    const error = await failureOf(run({ status: { phase: 'new' }, create: [planned('Secret', 's')] }));
    expect(isConflict(error)).toBe(true);
    expect(routes()).toEqual(['PATCH t/status']);
    expect(trials.size).toBe(0);
  });
});

describe('a status that the server will not store', () => {
  test('is refused for good', async () => {
    server.on(`PATCH ${STATUS}`, status(422, 'Invalid', { message: 'status.phase: too long' }));
    const error = await failureOf(run({ status: { phase: 'new' } }));
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).finding).toMatchObject({
      reason: 'StatusRefused',
      message: expect.stringContaining('status.phase: too long'),
    });
  });

  test('for want of a right: tried again', async () => {
    server.on(`PATCH ${STATUS}`, status(403, 'Forbidden'));
    expect(await failureOf(run({ status: { phase: 'new' } }))).not.toBeInstanceOf(RefusedError);
  });
});

describe('a creation', () => {
  test('of a kind that nobody stores is made as well', async () => {
    server.on(`POST ${NS}/secrets`, json(201, stored('Secret', 's')));
    await run({ create: [planned('Secret', 's')] });
    expect(routes()).toEqual(['POST bench/secrets']);
  });

  test('that fails: none that come after it', async () => {
    server.on(`POST ${NS}/secrets`, status(500, 'InternalError'));
    expect(await failureOf(run({ create: [planned('Secret', 's'), planned('Pod', 'a')] }))).toBeDefined();
    expect(new Set(routes())).toEqual(new Set(['POST bench/secrets']));
  });

  test('made before a crash: ours is taken up', async () => {
    server.on(`POST ${NS}/pods`, status(409, 'AlreadyExists')).on(`GET ${NS}/pods/a`, json(200, stored('Pod', 'a')));
    await run({ create: [planned('Pod', 'a')] });
    expect(pods.get('bench/a')?.metadata.uid).toBe('uid-a');
  });

  test('of a name that an earlier owner left behind: it is left alone, and this is tried again', async () => {
    server
      .on(`POST ${NS}/pods`, status(409, 'AlreadyExists'), json(201, stored('Pod', 'a')))
      .on(`GET ${NS}/pods/a`, json(200, stored('Pod', 'a', 'uid-of-another')));
    expect(await failureOf(run({ create: [planned('Pod', 'a')] }))).toMatchObject({
      name: 'Error',
      message: 'Pod bench/a exists and belongs to somebody else',
    });
    expect(pods.size).toBe(0);
    await run({ create: [planned('Pod', 'a')] });
    expect(pods.size).toBe(1);
  });

  test("of the name of a stranger's object: it is left alone, and said to be in the way", async () => {
    const strangers = { ...planned('Pod', 'a'), metadata: { name: 'a', namespace: 'bench', uid: 'x' } };
    server.on(`POST ${NS}/pods`, status(409, 'AlreadyExists')).on(`GET ${NS}/pods/a`, json(200, strangers));
    const error = await failureOf(run({ create: [planned('Pod', 'a')] }));
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).finding).toMatchObject({ reason: 'NameTaken' });
    expect(pods.size).toBe(0);
    expect(routes()).toEqual(['POST bench/pods', 'GET pods/a']);
  });

  test('that fails beside others: they are waited for, and known', async () => {
    const slow = json(201, stored('Pod', 'b'));
    server
      .on(`POST ${NS}/secrets`, json(201, stored('Secret', 's')))
      .on(`POST ${NS}/pods`, status(422, 'Invalid'), async (response, request) => {
        await new Promise((resolve) => void setTimeout(resolve, 50));
        await slow(response, request);
      });
    const create = [planned('Secret', 's'), planned('Pod', 'a'), planned('Pod', 'b')];
    expect(await failureOf(run({ create }))).toBeInstanceOf(RefusedError);
    expect(pods.list().map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  test('of a Secret that is there: its name says that it is ours', async () => {
    server.on(`POST ${NS}/secrets`, status(409, 'AlreadyExists'));
    await run({ create: [planned('Secret', 's')] });
    expect(routes()).toEqual(['POST bench/secrets']);
  });

  const WORDS = 'admission webhook "virt" denied the request: spec.domain.cpu is wrong';
  test.each([
    [422, 'Invalid', 0],
    [400, 'BadRequest', 0],
    // A quota may be free in a moment.
    [403, 'Forbidden', 10_000],
  ])('that is refused (%d %s): in the words of the server, after %d ms for good', async (code, reason, patience) => {
    server.on(`POST ${NS}/pods`, status(code, reason, { message: WORDS }));
    const error = await failureOf(run({ create: [planned('Pod', 'a')] }));
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).finding).toEqual({ reason: 'AdmissionRefused', message: WORDS });
    expect((error as RefusedError).patienceMs).toBe(patience);
    expect(routes()).toEqual(['POST bench/pods']);
  });

  test('of a kind that is none of ours is a mistake of the program', async () => {
    await expect(run({ create: [planned('Deployment', 'a')] })).rejects.toThrow('Kind Deployment is not one of');
  });
});
