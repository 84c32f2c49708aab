import { expect, test } from '@jest/globals';
import { withVersion } from './version.ts';

test('every place of a file gets the version, and the rest stays', () => {
  const chart = 'name: vfbench\nversion: 0.1.0\nappVersion: 0.1.0\nkubeVersion: ">=1.34.0-0"\n';
  expect(withVersion('charts/vfbench/Chart.yaml', chart, '1.2.3-rc.1')).toBe(
    'name: vfbench\nversion: 1.2.3-rc.1\nappVersion: 1.2.3-rc.1\nkubeVersion: ">=1.34.0-0"\n',
  );
  const both =
    'a:\n  image: registry.example/vfbench/runner:0.1.0\nb:\n  image: registry.example/vfbench/guest:0.1.0\n';
  expect(withVersion('deploy/examples/lab/testbed.yaml', both, '2.0.0')).toBe(both.replaceAll('0.1.0', '2.0.0'));
});

test('a place that is gone is an error, not silence', () => {
  expect(() => withVersion('charts/vfbench/Chart.yaml', 'version: 0.1.0\n', '1.0.0')).toThrow('appVersion');
});
