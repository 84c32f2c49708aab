import { expect, test } from '@jest/globals';
import { FakeSubstrate } from './fake-substrate.ts';
import { LauncherProcess } from './launcher-process.ts';
import type { Pod } from './objects.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'virt-launcher-a' }, spec: { containers: [] } } as Pod;

test('a guest that is ended again and again is told of once: who is told ends it again', async () => {
  const sandbox = await new FakeSubstrate().createPod({ id: 'a', node: 'n' });
  let told = 0;
  const launcher: LauncherProcess = new LauncherProcess(POD, sandbox, {
    onChange: () => {
      if (++told < 10) launcher.destroyGuest();
    },
  });
  launcher.destroyGuest();
  launcher.destroyGuest();
  expect([launcher.domain, told]).toEqual(['Killed', 1]);
  launcher.release();
  expect(await launcher.exited).toEqual({ code: 0 });
});
