/** What the operator asked of the API server, out of the audit log. */
import { readFile } from 'node:fs/promises';
import type { ControlPlane } from '../../src/sandbox/controlplane/controlplane.ts';

export interface AuditEntry {
  verb: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  /** HTTP status of the answer. */
  code: number;
  /** Milliseconds since the epoch. */
  at: number;
}

interface AuditLine {
  verb: string;
  user: { username: string };
  stage: string;
  requestReceivedTimestamp: string;
  responseStatus?: { code?: number };
  objectRef?: Partial<Record<'apiGroup' | 'resource' | 'subresource' | 'namespace' | 'name', string>>;
}

const STAGES = ['ResponseComplete', 'ResponseStarted'];

/** Requests of the operator so far, in their order; a watch that has ended is there twice. */
export async function operatorRequests({ auditLog }: Pick<ControlPlane, 'auditLog'>): Promise<AuditEntry[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ user, stage }) => user.username.endsWith(':vfbench') && STAGES.includes(stage))
    .map(({ verb, requestReceivedTimestamp, responseStatus, objectRef = {} }) => ({
      verb,
      group: objectRef.apiGroup ?? '',
      resource: objectRef.resource ?? '',
      subresource: objectRef.subresource ?? '',
      namespace: objectRef.namespace ?? '',
      name: objectRef.name ?? '',
      code: responseStatus?.code ?? 0,
      at: Date.parse(requestReceivedTimestamp),
    }));
}
