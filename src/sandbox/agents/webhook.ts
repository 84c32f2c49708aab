/** KubeVirt's admission webhooks for VMIs, served on loopback to the sandbox's own API server. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { KubeClient } from '../../kube/client.ts';
import { isAlreadyExists } from '../../kube/errors.ts';
import type { KubeObject, ResourceType } from '../../kube/object.ts';
import type { Logger } from '../../log.ts';
import { createAuthority } from '../controlplane/certificates.ts';
import { MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS } from './kinds.ts';
import type { Faults } from './faults.ts';
import type { OwnWrites } from './own-writes.ts';
import { type AdmissionRequest, type AdmissionResponse, answer, mutate, refuse, validate } from './review.ts';

export interface WebhookOptions {
  client: KubeClient;
  log: Logger;
  writes: OwnWrites;
  faults: Faults;
}

export interface Webhook {
  /** Takes the configurations back and stops listening. */
  close(): Promise<void>;
}

const MUTATING_NAME = 'virt-api-mutator';
const VALIDATING_NAME = 'virt-api-validator';
const TIMEOUT_SECONDS = 10;

/** Serves and registers the webhooks; VMIs are defaulted and checked when it resolves. */
export async function startWebhook({ client, log, writes, faults }: WebhookOptions): Promise<Webhook> {
  const authority = await createAuthority('sandbox-virt-api');
  const { certificate, key } = await authority.server('virt-api');
  const server = createServer({ cert: certificate, key }, (request, response) => {
    handle(request, response, { writes, faults }).catch((error: unknown) => {
      log.error({ err: error }, 'Failing to answer an admission review');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bundle = Buffer.from(authority.certificate).toString('base64');
  try {
    await put(client, MUTATING_WEBHOOKS, configuration('Mutating', url, bundle));
    await put(client, VALIDATING_WEBHOOKS, configuration('Validating', url, bundle));
  } catch (error) {
    await stopServer(server);
    throw error;
  }
  return {
    close: async () => {
      const options = { timeoutMs: 5_000, tries: 1 };
      const removals = [
        client.remove(MUTATING_WEBHOOKS, { name: MUTATING_NAME }, options),
        client.remove(VALIDATING_WEBHOOKS, { name: VALIDATING_NAME }, options),
      ];
      // The cluster may be gone before its agents; then there is nothing to take back.
      await Promise.allSettled(removals);
      await stopServer(server);
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { writes, faults }: Pick<WebhookOptions, 'writes' | 'faults'>,
): Promise<void> {
  const review: unknown = JSON.parse(await text(request));
  const body = JSON.stringify(
    answer(review, request.url?.startsWith('/mutate') === true ? mutating(writes) : validating(faults)),
  );
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(body);
}

function mutating(writes: OwnWrites): (request: AdmissionRequest) => AdmissionResponse {
  return (request) => {
    const { uid, resourceVersion } = request.object.metadata;
    const own = writes.has(`${uid ?? ''}/${resourceVersion ?? ''}`);
    return mutate(request, { now: new Date(), uuid: randomUUID(), own });
  };
}

function validating(faults: Faults): (request: AdmissionRequest) => AdmissionResponse {
  return (request) =>
    request.operation === 'CREATE' && faults.has(request.object.metadata, 'refuse')
      ? refuse(request)
      : validate(request);
}

async function stopServer(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

async function put(client: KubeClient, type: ResourceType, object: KubeObject): Promise<void> {
  try {
    await client.create(type, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await client.remove(type, { name: object.metadata.name });
    await client.create(type, object);
  }
}

function configuration(what: 'Mutating' | 'Validating', url: string, caBundle: string): KubeObject {
  const webhook = (name: string, operation: string): object => ({
    name,
    clientConfig: { url: `${url}/${what === 'Mutating' ? 'mutate' : 'validate'}`, caBundle },
    rules: [
      {
        apiGroups: ['kubevirt.io'],
        apiVersions: ['v1'],
        resources: ['virtualmachineinstances'],
        operations: [operation],
        scope: 'Namespaced',
      },
    ],
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: 'Fail',
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  const suffix = what === 'Mutating' ? 'mutator' : 'validator';
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${what}WebhookConfiguration`,
    metadata: { name: what === 'Mutating' ? MUTATING_NAME : VALIDATING_NAME },
    webhooks: [
      webhook(`virtualmachineinstances-create-${suffix}.kubevirt.io`, 'CREATE'),
      webhook(`virtualmachineinstances-update-${suffix}.kubevirt.io`, 'UPDATE'),
    ],
  } as KubeObject;
}
