/** Stories of results: failed, repeated, incomplete, doubled, too large. */
import { expect } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition } from '../../../src/api/conditions.ts';
import type { ResultDocument } from '../../../src/api/protocol.ts';
import type { Answer } from '../endpoint.ts';
import { type Changes, liveWell } from '../good-life.ts';
import { goodResult } from '../good-result.ts';
import type { Story } from '../stories.ts';
import { blocks, expectSuccess, LATENCY, NATIVE, type Stage } from './stage.ts';

export const resultStories: readonly Story<Stage>[] = [
  {
    title: 'a cell that fails once is tried again; the token of its first trial is worth nothing then',
    tell: async (stage) => {
      const namespace = await stage.place('retry');
      const tokens: string[] = [];
      const refused: unknown[] = [];
      stage.script(`${namespace}/exp`, async (endpoint) => {
        if (!endpoint.isClient) return liveWell(endpoint);
        const config = await endpoint.config();
        tokens.push(config.token);
        if (tokens.length === 1) return endpoint.status({ phase: 'Failed' });
        const plan = await endpoint.register();
        const stale = { ...config, token: tokens[0] ?? '' };
        refused.push(await endpoint.post(stale, '/v1/result', goodResult(config, plan)));
        await liveWell(endpoint);
      });
      await stage.start(namespace, blocks(1, 1));
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { blocks: 1, trials: 2, failed: 1 });
      expect(refused).toMatchObject([{ status: 410, body: { reason: 'TrialNotLive' } }]);
      const ends = (await stage.scene.trials(namespace)).map((t) => [
        t.spec.attempt,
        findCondition(t.status?.conditions, 'Succeeded')?.reason,
      ]);
      expect(Object.fromEntries(ends)).toEqual({ 0: 'EndpointFailed', 1: 'Completed' });
    },
  },
  {
    title: 'a cell that always fails ends the Experiment after its retries',
    tell: async (stage) => {
      const namespace = await stage.place('always');
      stage.script(`${namespace}/exp`, (e) => (e.kind === 'Pod' ? liveWell(e) : e.status({ phase: 'Failed' })));
      const modes = [NATIVE, { name: 'virtio', type: 'Virtio' }];
      await stage.start(namespace, { modes, ...blocks(3, 2) });
      const done = await stage.scene.finished(namespace, 'exp');
      const finished = findCondition(done.status?.conditions, 'Finished');
      expect(finished).toMatchObject({ status: 'True', reason: 'CellFailed' });
      expect(finished?.message).toMatch(
        /^Mode virtio, CrossNode, 1 pair failed in every attempt; last, \S+: EndpointFailed: /,
      );
      const trials = await stage.scene.trials(namespace);
      expect(
        trials
          .filter((t) => t.spec.mode === 'virtio')

          .map((t) => String(t.spec.attempt))
          .sort(),
      ).toEqual(['0', '1', '2']);
      expect(trials.every((t) => t.spec.block === 0)).toBe(true);
    },
  },
  {
    title: 'a percentile that one mode never has: the Experiment still finishes, its row has no median',
    tell: async (stage) => {
      const namespace = await stage.place('null');
      const document: Changes['document'] = (good) => ({
        ...good,
        points: good.points.map((point) => ({
          ...point,
          measurements: point.measurements.map((m) =>
            m.metric === 'rttP99' ? { ...m, value: null, reason: 'TooFewSamples: 12 of 1000' } : m,
          ),
        })),
      });
      stage.script(`${namespace}/exp`, (e) => liveWell(e, e.kind === 'Pod' ? {} : { document }));
      const modes = [NATIVE, { name: 'virtio', type: 'Virtio' }];
      await stage.start(namespace, { modes, tests: [LATENCY], ...blocks(6) });
      const done = await stage.scene.finished(namespace, 'exp');
      expectSuccess(done, { blocks: 6, trials: 12, failed: 0 });
      const rows = done.status?.results?.filter((row) => row.metric === 'rttP99') ?? [];
      expect(rows.map((row) => [row.mode, row.n, row.median, row.verdict])).toEqual([
        ['native', 6, 6e-5, 'Baseline'],
        ['virtio', 0, undefined, 'Inconclusive'],
      ]);
      expect(rows[1]?.message).toContain('TooFewSamples');
    },
  },
  {
    title:
      'an Experiment made again under its name with another seed, while trials of the first are there: nothing is merged',
    tell: async (stage) => {
      const namespace = await stage.place('again');
      const old: string[] = [];
      const refused: unknown[] = [];
      stage.script(`${namespace}/exp`, async (endpoint) => {
        const { token } = await endpoint.config();
        if (endpoint.isClient) old.push(token);
        await liveWell(endpoint, { document: (good) => scaled(good, 0.5) });
      });
      await stage.start(namespace, { ...blocks(1), seed: 1 });
      const first = await stage.scene.finished(namespace, 'exp');
      const [left] = await stage.scene.trials(namespace);
      const name = left?.metadata.name ?? '';
      const ownedBy = (owners: object[] | null): Promise<string> =>
        stage.patch(namespace, 'trial', name, { metadata: { ownerReferences: owners } });
      // Somebody else's, so that the operator doesn't take it back, nor the garbage collector remove it.
      const uid = await stage.cluster.kubectl(['get', 'namespace', namespace, '-o', 'jsonpath={.metadata.uid}']);
      await ownedBy([{ apiVersion: 'v1', kind: 'Namespace', name: namespace, uid }]);
      await stage.cluster.kubectl(['delete', 'experiment', 'exp', '-n', namespace, '--cascade=orphan']);
      expect(left?.status?.measurements?.map((m) => m.value)).toEqual([5e8]);
      stage.script(`${namespace}/exp`, async (endpoint) => {
        if (!endpoint.isClient) return liveWell(endpoint);
        await endpoint.run();
        // From here on it is nobody's: the operator knows that the first Experiment is gone.
        await ownedBy(null);
        const [plan, config] = [await endpoint.register(), await endpoint.config()];
        const stale = { ...config, token: old[0] ?? '' };
        refused.push(await endpoint.post(stale, '/v1/result', goodResult(config, plan)));
        await endpoint.deliver(goodResult(config, plan));
        await endpoint.status({ phase: 'Succeeded' });
      });
      await stage.start(namespace, { ...blocks(2), seed: 2 });
      const done = await stage.scene.finished(namespace, 'exp');
      expect(done.metadata.uid).not.toBe(first.metadata.uid);
      expect(done.status?.seed).toBe(2);
      expectSuccess(done, { blocks: 2, trials: 2, failed: 0 });
      expect(done.status?.results).toMatchObject([{ n: 2, median: 1e9 }]);
      expect(done.status?.report?.trials).toBe(2);
      expect(refused).toMatchObject([{ status: 410 }, { status: 410 }]);
      const trials = await stage.scene.trials(namespace);
      expect(trials).toHaveLength(3);
      expect(trials.find(({ metadata }) => metadata.name === name)?.metadata.ownerReferences).toBeUndefined();
    },
  },
  {
    title: 'a result sent twice counts once, and a second opinion is turned down',
    tell: async (stage) => {
      const namespace = await stage.place('twice');
      const told = Promise.withResolvers<void>();
      const answers: unknown[] = [];
      let counted = '';
      stage.script(`${namespace}/exp`, async (endpoint) => {
        if (!endpoint.isClient) return liveWell(endpoint, { measure: () => told.promise });
        await endpoint.run();
        const [plan, config] = [await endpoint.register(), await endpoint.config()];
        const good = goodResult(config, plan);
        const opinions = { first: good, second: scaled(good, 2) };
        const send = (document: ResultDocument): Promise<Answer> => endpoint.post(config, '/v1/result', document);
        const first = send(opinions.first);
        await delay(500);
        const second = send(opinions.second);
        // Whichever comes to the collector later is answered at once; the other when the trial is measured.
        const [turnedDown, answer] = await Promise.race([
          first.then((got) => ['first', got] as const),
          second.then((got) => ['second', got] as const),
        ]);
        counted = turnedDown === 'second' ? 'first' : 'second';
        const again = send(counted === 'first' ? opinions.first : opinions.second);
        await delay(500);
        told.resolve();
        answers.push(answer, await again, await (counted === 'first' ? first : second));
        await endpoint.status({ phase: 'Succeeded' });
      });
      await stage.start(namespace, blocks(1));
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
      expect(answers).toMatchObject([
        { status: 409, body: { reason: 'ResultConflict' } },
        { status: 200, body: { duplicate: true } },
        { status: 200, body: { duplicate: false } },
      ]);
      const [trial] = await stage.scene.trials(namespace);
      expect(trial?.status?.measurements?.map((m) => m.value)).toEqual([counted === 'first' ? 1e9 : 2e9]);
    },
  },
  {
    // Sixteen pairs at 1 Gbit/s each: more than the usual wire carries.
    title: 'more raw output than an object can hold: the figures are stored, and the digests',
    tell: async (stage) => {
      const namespace = await stage.place('raw', { link: { bitsPerSecond: '100G', mtu: 1500 } });
      const document: Changes['document'] = (good) => ({
        ...good,
        points: good.points.map((p) => ({ ...p, raw: { ...p.raw, stdout: randomBytes(40_000).toString('base64') } })),
      });
      stage.script(`${namespace}/exp`, (e) => liveWell(e, { document }));
      await stage.start(namespace, { pairs: [16], ...blocks(1) });
      expectSuccess(await stage.scene.finished(namespace, 'exp'), { trials: 1, failed: 0 });
      const [trial] = await stage.scene.trials(namespace);
      expect(trial?.status?.raw).toHaveLength(32);
      expect(new Set(trial?.status?.raw?.map((raw) => raw.digest)).size).toBe(32);
    },
  },
];

function scaled(document: ResultDocument, factor: number): ResultDocument {
  return {
    ...document,
    points: document.points.map((point) => ({
      ...point,
      measurements: point.measurements.map((m) => ({ ...m, value: m.value === null ? null : m.value * factor })),
    })),
  };
}
