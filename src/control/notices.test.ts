import { expect, test } from '@jest/globals';
import { Notices, QUIET_MS, REFRESH_MS } from './notices.ts';

const T = { uid: 'a', createdAt: 1000 };
const busy = (message: string): { reason: string; message: string } => ({ reason: 'TestbedBusy', message });

test('a short wait is not told; a new place not at once; a new reason is', () => {
  const notices = new Notices();
  expect(notices.wait(T, busy('1'), 1500)).toBe(QUIET_MS - 500);
  expect(notices.wait(T, busy('1'), 1000 + QUIET_MS)).toBe(0);
  notices.told(T, busy('1'), 5000);
  expect(notices.wait(T, busy('2'), 6000)).toBe(REFRESH_MS - 1000);
  expect(notices.wait(T, { reason: 'InsufficientVFs', message: '' }, 6000)).toBe(0);
  expect(notices.wait(T, busy('2'), 5000 + REFRESH_MS)).toBe(0);
});

test('what waits no more is forgotten', () => {
  const notices = new Notices();
  notices.told(T, busy('1'), 5000);
  notices.keep([{ uid: 'b', createdAt: 0 }]);
  expect(notices.wait(T, busy('2'), 5001)).toBe(0);
});
