import { describe, expect, test } from '@jest/globals';
import { capacity, freeHosts, host, hostNumber, overlap, parseAddress, parseSubnet, type Subnet } from './addresses.ts';

const subnet = (text: string): Subnet => {
  const parsed = parseSubnet(text);
  if (parsed === null) throw new Error(`${text} is no subnet`);
  return parsed;
};

describe('a subnet', () => {
  test.each<[string, number, string, string]>([
    ['192.168.50.0/24', 254, '192.168.50.1', '192.168.50.254'],
    ['192.168.50.77/24', 254, '192.168.50.1', '192.168.50.254'],
    ['255.255.255.240/29', 6, '255.255.255.241', '255.255.255.246'],
    ['10.0.0.0/8', 2 ** 24 - 2, '10.0.0.1', '10.255.255.254'],
    ['0.0.0.0/0', 2 ** 31, '0.0.0.1', '128.0.0.0'],
    ['fd00::/125', 6, 'fd00:0:0:0:0:0:0:1', 'fd00:0:0:0:0:0:0:6'],
    ['FD00:1:2::/64', 2 ** 31, 'fd00:1:2:0:0:0:0:1', 'fd00:1:2:0:0:0:8000:0'],
    ['1:2:3:4:5:6:7:8/128', 0, '1:2:3:4:5:6:7:9', '1:2:3:4:5:6:7:8'],
    ['::/96', 2 ** 31, '0:0:0:0:0:0:0:1', '0:0:0:0:0:0:8000:0'],
    ['192.0.2.4/31', 0, '192.0.2.5', '192.0.2.4'],
    ['192.0.2.4/32', 0, '192.0.2.5', '192.0.2.4'],
  ])('%s has %d hosts, %s to %s', (text, size, first, last) => {
    const parsed = subnet(text);
    expect(capacity(parsed)).toBe(size);
    expect(host(parsed, 1)).toBe(first);
    expect(host(parsed, size)).toBe(last);
  });

  test.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0/24',
    '10.0.0.0.0/24',
    '10.0.0.256/24',
    '10.00.0.0/24',
    '10.0.0.0/-1',
    '10.0.0.0/24 ',
    'fd00::/129',
    'fd00:::/64',
    'fd00::1::/64',
    '1:2:3:4:5:6:7:8:9/64',
    '1:2:3/64',
    '1:2:3:4:5:6:7::8/64',
    '::ffff:10.0.0.0/120',
    'g::/64',
    '12345::/64',
    'host/24',
  ])('%j is none', (text) => {
    expect(parseSubnet(text)).toBeNull();
  });
});

test.each<[string, string, boolean]>([
  ['10.0.2.0/24', '10.0.0.0/16', true],
  ['10.0.2.128/25', '10.0.2.0/24', true],
  ['10.0.2.0/25', '10.0.2.128/25', false],
  ['10.0.2.0/24', '10.0.3.0/24', false],
  ['0.0.0.0/0', '192.0.2.1/32', true],
  ['fd10:0:2::/120', 'fd10::/16', true],
  ['fd10:0:2::/120', 'fd10:0:2::100/120', false],
  ['0.0.0.0/0', '::/0', false],
])('%s and %s overlap: %p', (a, b, expected) => {
  expect([overlap(subnet(a), subnet(b)), overlap(subnet(b), subnet(a))]).toEqual([expected, expected]);
});

function numberOf(of: string, text: string): number | null {
  const address = parseAddress(text);
  return address === null ? null : hostNumber(subnet(of), address);
}

test.each<[string, string, number | null]>([
  ['192.0.2.11', '192.0.2.0/24', 11],
  ['192.0.2.11', '192.0.0.0/16', 2 * 256 + 11],
  ['192.0.2.0', '192.0.2.0/24', null],
  ['192.0.2.255', '192.0.2.0/24', null],
  ['192.0.3.1', '192.0.2.0/24', null],
  ['192.0.1.255', '192.0.2.0/24', null],
  ['fd00:0:0:0:0:0:0:b', 'fd00::/64', 11],
  ['FD00::000b', 'fd00::/64', 11],
  ['fd00:1::b', 'fd00::/64', null],
  ['fd00::1:0:0', 'fd00::/64', null],
  ['::c000:20b', '192.0.2.0/24', null],
  ['rubbish', '192.0.2.0/24', null],
])('%s in %s is host %p', (text, of, expected) => {
  expect(numberOf(of, text)).toBe(expected);
  if (expected !== null) expect(numberOf(of, host(subnet(of), expected))).toBe(expected);
});

const numbered = (...numbers: number[]): string[] => numbers.map((n) => `192.0.2.${n}`);

describe('free hosts', () => {
  test.each([
    { title: 'start at the 11th', of: '192.0.2.0/24', count: 2, taken: [], expected: numbered(11, 12) },
    {
      title: 'leave out what is taken',
      of: '192.0.2.0/24',
      count: 2,
      taken: numbered(11, 13),
      expected: numbered(12, 14),
    },
    { title: 'start at the 1st where it is small', of: '192.0.2.0/29', count: 2, taken: [], expected: numbered(1, 2) },
    { title: 'to the last', of: '192.0.2.0/29', count: 6, taken: [], expected: numbered(1, 2, 3, 4, 5, 6) },
    { title: 'and no further', of: '192.0.2.0/29', count: 7, taken: [], expected: null },
    { title: 'too many taken', of: '192.0.2.0/29', count: 2, taken: numbered(1, 2, 3, 4, 5), expected: null },
    { title: 'none wanted', of: '192.0.2.0/32', count: 0, taken: [], expected: [] },
    { title: 'IPv6', of: 'fd00::/64', count: 1, taken: ['fd00:0:0:0:0:0:0:b'], expected: ['fd00:0:0:0:0:0:0:c'] },
  ])('$title', ({ of, count, taken, expected }) => {
    expect(freeHosts(subnet(of), count, new Set(taken.map((text) => numberOf(of, text) ?? NaN)))).toEqual(expected);
  });
});
