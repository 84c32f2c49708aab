/** The largest study that a report is promised for: it fits the cluster, comes back, and is drawn soon. */
import { expect, test } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { pack } from '../../src/control/pack.ts';
import { renderReport } from '../../src/plan/render/report.ts';
import { buildReport } from '../../src/results/report/model.ts';
import { render } from '../../src/results/report/render.ts';
import { decode, encode } from '../../src/results/seal/encode.ts';
import { experiment } from '../support/builders.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { largestData } from '../support/report/data.ts';

const MIB = 1024 * 1024;

test('3 modes, 2 placements, 100 points, 30 blocks: few objects of less than 1 MiB, drawn within 2 s of CPU', async () => {
  const data = largestData();
  expect(data.trials).toHaveLength(3 * 2 * 30);
  const points = new Set(data.trials[0]?.measurements.map((found) => `${found.test} ${JSON.stringify(found.point)}`));
  expect(points.size).toBe(100);

  const packed = await pack(encode(data));
  const parts = packed.parts.map((part) => ({
    base64: Buffer.from(part.data).toString('base64'),
    bytes: part.data.length,
    digest: part.digest,
  }));
  const maps = renderReport(experiment(), 7, { ...packed, parts });
  expect(maps.length).toBeLessThanOrEqual(4);
  expect(Math.max(...maps.map((map) => JSON.stringify(map).length))).toBeLessThan(MIB);

  const times = [1, 2].map(() => {
    const start = cpuMs();
    const text = gunzipSync(Buffer.concat(packed.parts.map((part) => part.data))).toString('utf8');
    const page = [...render(buildReport(decode(text)), 'html', packed.digest)].join('');
    expect(page).toContain(packed.digest);
    return cpuMs() - start;
  });
  expect(Math.min(...times)).toBeLessThan(2000);
});
