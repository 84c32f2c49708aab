/** What end-to-end tests say to a user of a cluster who may not do what they do. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { KubeClient } from '../../src/kube/index.ts';
import { clientFor } from '../../src/kube/kube.testing.ts';
import { demandRights, missingRights, type Right, suiteRights } from '../e2e/fixtures/rights.ts';
import { json, type Reply, ScriptedServer } from '../support/scripted-server.ts';

const POST = 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

let server: ScriptedServer;
let client: KubeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  client = clientFor(server.url);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/** The cluster grants everything else. */
function deny(denied: (right: Right) => boolean): void {
  const answer: Reply = (response, request) => {
    const { spec } = request.body as { spec: { resourceAttributes: Right } };
    return json(201, { status: { allowed: !denied(spec.resourceAttributes) } })(response, request);
  };
  server.on(POST, ...Array.from({ length: 50 }, () => answer));
}

test('nothing where all is granted', async () => {
  deny(() => false);
  await demandRights(client, suiteRights('bench', true));
  expect(server.seen(POST)).toHaveLength(suiteRights('bench', true).length);
});

test('one sentence that names all that is missing, and where', async () => {
  deny(({ verb, resource }) => verb === 'create' && resource !== 'experiments');
  await expect(demandRights(client, suiteRights('bench', true))).rejects.toThrow(
    /^The kubeconfig's user may not: create pods, create virtualmachineinstances\.kubevirt\.io in namespace bench: grant it, see test\/e2e\/README\.md$/,
  );
});

test('rights to VMs only where the Testbed makes some; of all namespaces where none is named', async () => {
  deny(({ group, namespace }) => group === 'kubevirt.io' || namespace === undefined);
  await demandRights(client, suiteRights('bench', false));
  await expect(demandRights(client, suiteRights(undefined, false))).rejects.toThrow(/list secrets in all namespaces/);
});

test('each once, by place, subresources as such', async () => {
  const right: Right = { verb: 'create', group: '', resource: 'pods/eviction', namespace: 'a' };
  deny(() => true);
  expect(await missingRights(client, [right, right, { ...right, namespace: 'b' }])).toEqual([
    'create pods/eviction in namespace a',
    'create pods/eviction in namespace b',
  ]);
  expect(server.seen(POST)[0]?.body).toMatchObject({
    spec: { resourceAttributes: { resource: 'pods', subresource: 'eviction' } },
  });
});
