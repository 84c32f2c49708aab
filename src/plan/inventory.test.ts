import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { requested } from './inventory.ts';
import type { Container, Pod } from './observed.ts';

const VF = 'x/vf';
const asks = (count: number, restartPolicy?: string): Container => ({
  name: 'c',
  resources: { requests: { [VF]: `${count}` } },
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
});
const sidecar = (count: number): Container => asks(count, 'Always');

describe('what a pod asks for', () => {
  test.each<[what: string, initContainers: Container[], containers: Container[], count: number]>([
    ['nothing', [], [{ name: 'c' }], 0],
    ['containers add up', [], [asks(1), asks(2)], 3],
    ['an init container that asks for more', [asks(3), asks(2)], [asks(1)], 3],
    ['an init container that asks for less', [asks(1)], [asks(2)], 2],
    ['sidecars run beside the containers', [sidecar(1)], [asks(1)], 2],
    ['an init container beside the sidecar before it', [sidecar(1), asks(3)], [asks(1)], 4],
    ['an init container ahead of the sidecar', [asks(3), sidecar(1)], [asks(1)], 3],
    ['init containers between sidecars', [sidecar(1), asks(2), sidecar(2), asks(1)], [asks(0)], 4],
    ['a container of another kind of restart', [asks(1, 'Never')], [asks(1)], 1],
  ])('%s', (_, initContainers, containers, count) => {
    expect(requested({ metadata: { name: 'p' }, spec: { containers, initContainers } }, VF)).toBe(count);
    expect(requested({ metadata: { name: 'p' }, spec: { containers, initContainers } }, 'x/other')).toBe(0);
  });

  test('a launcher pod as recorded, with the sidecar that keeps its console: one, and two where that asks as well', () => {
    const ladder = JSON.parse(readFileSync(new URL('testdata/ladder.json', import.meta.url), 'utf8')) as {
      step: string;
      pod?: Pod;
    }[];
    const recorded = ladder.find(({ step }) => step === 'guest-sriov.5-scheduled')?.pod;
    if (recorded === undefined) throw new Error('There is no recording');
    const resource = 'openshift.io/benchvfio';
    expect(requested(recorded, resource)).toBe(1);
    const initContainers = (recorded.spec.initContainers ?? []).map((container) =>
      container.name === 'guest-console-log'
        ? { ...container, resources: { requests: { [resource]: '1' } } }
        : container,
    );
    expect(requested({ ...recorded, spec: { ...recorded.spec, initContainers } }, resource)).toBe(2);
  });
});
