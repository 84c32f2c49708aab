/** A table of what the allocator says to one request. */
import { allocate, type AllocationInput } from '../../src/plan/allocate.ts';
import { input } from './allocation.ts';

/** `granted`, or the reason and message of the refusal, of the request by that name. */
export function verdict(fields: Partial<AllocationInput>, name = 'new'): string {
  const { granted, refused } = allocate(input(fields));
  if (granted.some(({ request: { name: n } }) => n === name)) return 'granted';
  const { reason, message } = refused.find(({ request: { name: n } }) => n === name)?.finding ?? {};
  return `${reason}: ${message}`;
}

export interface Rule {
  title: string;
  fields: Partial<AllocationInput>;
  expected: string | RegExp;
}
