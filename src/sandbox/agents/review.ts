/** Answers to admission reviews of VMIs: KubeVirt's defaults, refusals, and its hold on spec and status. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Vmi } from './vmi.ts';
import { withDefaults } from './vmi-defaults.ts';
import { refusals, type Cause } from './vmi-refusals.ts';

export interface AdmissionRequest {
  uid: string;
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  object: Vmi;
  oldObject?: Vmi | null;
}

export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  /** JSON patch, base64. */
  patch?: string;
  patchType?: 'JSONPatch';
  status?: { code: number; reason: string; message: string; details?: { causes: Cause[] } };
}

export interface ReviewContext {
  now: Date;
  /** For the firmware of a new VMI. */
  uuid: string;
  /** The VM agent's own write: it alone may change a status. */
  own: boolean;
}

/** Mutating review: defaults on creation; a status that others write is quietly dropped. */
export function mutate(request: AdmissionRequest, context: ReviewContext): AdmissionResponse {
  const { uid, operation, object, oldObject } = request;
  if (operation === 'CREATE') {
    const { metadata, spec, status } = withDefaults(object, context.now, context.uuid);
    return patched(uid, { metadata, spec, status });
  }
  if (operation !== 'UPDATE' || context.own || isDeepStrictEqual(object.status, oldObject?.status)) {
    return { uid, allowed: true };
  }
  return patched(uid, { status: oldObject?.status ?? {} });
}

/** Validating review: refused specs, and changes of a spec, which KubeVirt allows itself only. */
export function validate(request: AdmissionRequest): AdmissionResponse {
  const { uid, operation, object, oldObject } = request;
  if (operation === 'CREATE') return judged(uid, refusals(object));
  if (operation !== 'UPDATE' || isDeepStrictEqual(object.spec, oldObject?.spec)) return { uid, allowed: true };
  return judged(uid, [{ reason: 'FieldValueNotSupported', message: 'update of VMI object is restricted', field: '' }]);
}

/** What KubeVirt answers to a VMI whose NIC has two bindings: for a refusal by fault. */
export function refuse({ uid, object }: AdmissionRequest): AdmissionResponse {
  const { interfaces = [] } = object.spec.domain.devices;
  const devices = {
    ...object.spec.domain.devices,
    interfaces: interfaces.map((nic) => ({ ...nic, bridge: {}, sriov: {} })),
  };
  return judged(uid, refusals({ ...object, spec: { ...object.spec, domain: { ...object.spec.domain, devices } } }));
}

/** The review that the API server gets back for one that it sent. */
export function answer(review: unknown, respond: (request: AdmissionRequest) => AdmissionResponse): object {
  const { request } = review as { request: AdmissionRequest };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: respond(request) };
}

function patched(uid: string, fields: Record<string, unknown>): AdmissionResponse {
  const operations = Object.entries(fields).map(([name, value]) => ({ op: 'add', path: `/${name}`, value }));
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { uid, allowed: true, patchType: 'JSONPatch', patch };
}

function judged(uid: string, causes: Cause[]): AdmissionResponse {
  if (causes.length === 0) return { uid, allowed: true };
  const message = causes.map((cause) => cause.message).join(', ');
  return { uid, allowed: false, status: { code: 422, reason: 'Invalid', message, details: { causes } } };
}
