import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointObjectName, freshMac, label, macAddress, secretName, trialName } from './names.ts';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const ID = {
  experimentUid: 'u',
  experiment: 'lab',
  mode: 'virtio',
  placement: 'CrossNode',
  pairs: 1,
  block: 3,
  attempt: 0,
};

const text = fc.string({ minLength: 0, maxLength: 300 });
const identity = fc.record({
  experimentUid: text,
  experiment: text,
  mode: text,
  placement: fc.constantFrom('CrossNode', 'SameNode'),
  pairs: fc.nat(64),
  block: fc.nat(1000),
  attempt: fc.nat(10),
});

describe("a trial's name", () => {
  test('is readable, and the same for the same identity', () => {
    expect(trialName(ID)).toMatch(/^lab-b3-virtio-[0-9a-z]{8}$/);
    expect(trialName({ ...ID })).toBe(trialName(ID));
  });

  test.each(Object.keys(ID))('differs by %s', (key) => {
    expect(trialName({ ...ID, [key]: key === 'experiment' ? 'other' : 7 })).not.toBe(trialName(ID));
  });

  test('keeps what tells trials apart where the Experiment has a long name', () => {
    expect(trialName({ ...ID, experiment: 'x'.repeat(63), mode: 'm'.repeat(63) })).toMatch(
      /^x{20}-b3-m{20}-[0-9a-z]{8}$/,
    );
  });

  test('whatever the parts: it and all that is named after it are DNS labels', () => {
    fc.assert(
      fc.property(identity, (id) => {
        const name = trialName(id);
        const all = [name, secretName({ name, uid: id.experimentUid }), endpointObjectName(name, 'client-63')];
        for (const one of all) {
          expect(one).toMatch(DNS_LABEL);
          expect(one.length).toBeLessThanOrEqual(63);
        }
      }),
    );
  });

  test('30 blocks of 48 cells with 3 attempts: no two alike', () => {
    const names = new Set<string>();
    for (let i = 0; i < 30 * 48 * 3; i++) {
      names.add(trialName({ ...ID, block: i % 30, pairs: Math.floor(i / 30) % 48, attempt: Math.floor(i / 1440) }));
    }
    expect(names.size).toBe(4320);
  });
});

test.each([
  ['Ab_c.D', 63, /^ab-c-d-[0-9a-z]{8}$/],
  ['-a-', 63, /^a-[0-9a-z]{8}$/],
  ['', 63, /^x[0-9a-z]{8}$/],
  ['...', 63, /^x[0-9a-z]{8}$/],
  ['abcdefgh-ijk', 18, /^abcdefgh-[0-9a-z]{8}$/],
])('label of %j within %d', (readable, limit, expected) => {
  expect(label(readable, 'identity', limit)).toMatch(expected);
  expect(label(readable, 'identity', limit).length).toBeLessThanOrEqual(limit);
});

test("a Secret of an earlier trial of the same name is another trial's", () => {
  expect(secretName({ name: 'a', uid: '1' })).not.toBe(secretName({ name: 'a', uid: '2' }));
});

test('MAC addresses are unicast, local, and no two alike', () => {
  const macs = Array.from({ length: 5000 }, (_, i) => macAddress('trial', `server-${i}`, 'data'));
  for (const mac of macs) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
  expect(new Set(macs).size).toBe(5000);
  expect(macAddress('trial', 'server-0', 'data')).toBe(macs[0]);
});

test('a MAC that is taken is not handed out again', () => {
  const first = macAddress('trial', 'server-0', 'data');
  const fresh = (...taken: string[]): string => freshMac((mac) => taken.includes(mac), 'trial', 'server-0', 'data');
  expect(fresh()).toBe(first);
  const second = fresh(first);
  const third = fresh(first, second);
  expect(new Set([first, second, third]).size).toBe(3);
  for (const mac of [second, third]) expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
});
