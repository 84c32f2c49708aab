/** The live page in a real Chromium: loading, live update, keyboard, narrow screen, dark mode, 500 Experiments. */
import { describe, expect, test } from '@jest/globals';
import { condition } from '../support/builders.ts';
import { describeInBrowser } from '../support/browser-scene.ts';
import { anotherExperiment, anotherTestbed, ended, running, startHeldPage, trialOf } from '../support/page.ts';

describeInBrowser('the live page in a browser', (scene) => {
  const focused = (): Promise<string> => scene.tab.value('document.activeElement.textContent.trim()');
  const text = (selector: string): Promise<string> =>
    scene.tab.value(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);

  test('asks for a token, says why one is refused, and keeps a good one in this tab only', async () => {
    scene.page.objects.put(anotherExperiment('bench', 'one', running()));
    await scene.tab.open(scene.page.url);
    await scene.tab.shows('Sign in');
    await scene.tab.type('wrong');
    await scene.tab.press('Enter', '\r');
    await scene.tab.shows('The token is not good any more');
    await scene.tab.type('good');
    await scene.tab.press('Enter', '\r');
    await scene.tab.shows('one');
    await scene.tab.send('Page.reload');
    await scene.tab.until("document.querySelector('.link.Live') !== null");
    expect(await scene.tab.value('[localStorage.length, document.cookie, location.href.includes("good")]')).toEqual([
      0,
      '',
      false,
    ]);
    await scene.tab.value("[...document.querySelectorAll('button')].find((b) => b.innerText === 'Sign out').click()");
    await scene.tab.shows('Bearer token');
    expect(await scene.tab.value('[sessionStorage.length, document.body.innerText.includes("one")]')).toEqual([
      0,
      false,
    ]);
    expect(scene.tab.problems).toEqual([]);
  });

  test('loads from one address, in one document, and asks nothing of others', async () => {
    scene.page.objects.put(anotherExperiment('bench', 'one', ended('Passed')));
    await scene.signIn();
    await scene.tab.shows('one');
    expect(scene.tab.requests).toEqual([`${scene.page.url}/`, `${scene.page.url}/api/v1/stream`]);
    expect(scene.tab.problems).toEqual([]);
  });

  test('what changes is shown without a reload, and neither scroll nor focus move', async () => {
    for (let i = 0; i < 40; i++)
      scene.page.objects.put(anotherExperiment('bench', `exp-${String(i).padStart(2, '0')}`, running()));
    await scene.signIn();
    await scene.tab.shows('exp-39');
    await scene.tab.value(
      "window.scrollTo(0, 400); document.querySelectorAll('tbody a')[10].focus({ preventScroll: true })",
    );
    const before = await scene.tab.value<unknown[]>('[scrollY, document.activeElement.href]');
    scene.page.objects.put(anotherExperiment('bench', 'exp-05', ended('Failed')));
    scene.page.objects.put(anotherExperiment('bench', 'exp-20', running(5)));
    await scene.tab.until(
      "document.querySelector('.list .Failed') !== null && document.body.innerText.includes('5 of 6 blocks')",
    );
    expect(await scene.tab.value('[scrollY, document.activeElement.href]')).toEqual(before);
    scene.page.objects.remove('Experiment', 'bench/exp-39');
    await scene.tab.until("!document.body.innerText.includes('exp-39')");
    expect(scene.tab.problems).toEqual([]);
  });

  test('an Experiment is followed to its end, with its report in place', async () => {
    const one = anotherExperiment('bench', 'one', running(1));
    scene.page.objects.put(one);
    scene.page.objects.put(
      trialOf(
        one,
        { mode: 'virtio', block: 1 },
        { conditions: [condition('Granted', 'True'), condition('EndpointsReady', 'True')] },
      ),
    );
    await scene.signIn();
    await scene.go('#/experiment/bench/one');
    await scene.tab.shows('virtio CrossNode: measuring');
    expect(await text('.steps')).toMatch(/^1 of 6 blocks · 3 of 18 trials/);
    scene.page.objects.put(
      trialOf(
        one,
        { mode: 'virtio', block: 1 },
        { conditions: [condition('Finished', 'True'), condition('Succeeded', 'True')] },
      ),
    );
    scene.page.objects.put({ ...one, status: ended('Passed') });
    await scene.tab.shows('Results');
    await scene.tab.until("document.querySelector('.headline .Passed') !== null");
    expect(await text('tbody')).toMatch(/virtio\s+6\s+6\.02 Gb\/s/);
    await scene.tab.until("document.querySelector('iframe').src.startsWith('blob:')");
    const frame = "document.querySelector('iframe')";
    expect(await scene.tab.value(`${frame}.getAttribute('sandbox')`)).toBe('allow-same-origin');
    const inside = `${frame}.contentDocument`;
    await scene.tab.until(`${inside}.body.innerText.includes('vfbench report')`);
    expect(await scene.tab.value(`getComputedStyle(${inside}.querySelector('h1')).fontSize`)).toBe('27.2px');
    await scene.tab.until(`${frame}.clientHeight >= ${inside}.documentElement.scrollHeight`);
    await scene.tab.value(`window.scrollTo(0, 0); ${inside}.querySelector('nav li:last-child a').click()`);
    await scene.tab.until('window.scrollY > 500');
    expect(scene.tab.problems).toEqual([]);
  });

  test('works by keyboard alone', async () => {
    for (const name of ['alpha', 'beta', 'gamma']) scene.page.objects.put(anotherExperiment('bench', name, running()));
    await scene.signIn();
    await scene.tab.shows('gamma');
    await scene.tab.press('/', '/');
    await scene.tab.type('bet');
    await scene.tab.until("document.querySelectorAll('.list tbody tr').length === 1");
    await scene.tab.press('Escape');
    expect(await focused()).toBe('Experiments');
    const seen: string[] = [];
    for (let i = 0; i < 12 && !seen.includes('beta'); i++) {
      await scene.tab.press('Tab');
      seen.push(await focused());
      const outline = await scene.tab.value<string>('getComputedStyle(document.activeElement).outlineStyle');
      expect([seen.at(-1), outline]).toEqual([seen.at(-1), 'solid']);
    }
    expect(seen).toContain('beta');
    await scene.tab.press('Enter', '\r');
    await scene.tab.until("location.hash === '#/experiment/bench/beta'");
    await scene.tab.shows('Seed');
    expect(await focused()).toBe('beta');
    expect(await scene.tab.value('document.title')).toBe('beta · vfbench');
    await scene.tab.value('history.back()');
    await scene.tab.until("document.activeElement.textContent === 'Experiments'");
    await scene.tab.send('Page.reload');
    await scene.tab.until("document.querySelector('.link.Live') !== null");
    await scene.tab.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await scene.tab.press('Enter', '\r');
    expect(await focused()).toBe('Experiments');
  });

  test.each([360, 640, 1280])('nothing is cut at a width of %d', async (width) => {
    const long = `${'long-'.repeat(12)}1`;
    const one = anotherExperiment('bench', long, ended('Failed'));
    scene.page.objects.put({ ...one, spec: { ...one.spec, testbed: long } });
    scene.page.objects.put(
      anotherExperiment('bench', 'waits', {
        conditions: [condition('Admitted', 'False', { reason: 'InsufficientVFs', message: 'x'.repeat(400) })],
      }),
    );
    scene.page.objects.put(anotherTestbed('bench', long, false));
    await scene.signIn('good', { width, height: 800 });
    await scene.tab.shows(long);
    for (const hash of ['#/', `#/experiment/bench/${long}`, '#/testbeds', `#/testbed/bench/${long}`]) {
      await scene.go(hash);
      await scene.tab.shows(long);
      expect([hash, await scene.tab.value('Math.max(0, document.documentElement.scrollWidth - innerWidth)')]).toEqual([
        hash,
        0,
      ]);
    }
  });

  describe.each([
    ['light', false],
    ['dark', true],
  ])('in %s', (_, dark) => {
    test('text can be read: a contrast of at least 4.5 to 1 everywhere', async () => {
      for (const verdict of ['Passed', 'Failed', 'Inconclusive', 'None'] as const)
        scene.page.objects.put(anotherExperiment('bench', verdict.toLowerCase(), ended(verdict)));
      scene.page.objects.put(anotherExperiment('bench', 'runs', running()));
      scene.page.objects.put(anotherExperiment('bench', 'waits', { queue: { position: 1, length: 2 } }));
      scene.page.objects.put(anotherTestbed('bench', 'lab', true));
      scene.page.objects.put(anotherTestbed('bench', 'broken', false));
      await scene.signIn('good', { dark });
      for (const hash of ['#/', '#/experiment/bench/failed', '#/testbeds', '#/testbed/bench/broken']) {
        await scene.go(hash);
        await scene.tab.until("document.querySelector('main').innerText.length > 80");
        expect([hash, await scene.tab.value(FAINT)]).toEqual([hash, []]);
      }
      expect(await scene.tab.value('getComputedStyle(document.body).backgroundColor')).toBe(
        dark ? 'rgb(20, 23, 27)' : 'rgb(255, 255, 255)',
      );
    });
  });

  test('500 Experiments: shown within two seconds, changed within one, and the page stays small', async () => {
    for (let i = 0; i < 500; i++)
      scene.page.objects.put(anotherExperiment(`ns-${i % 20}`, `exp-${i}`, i % 5 === 0 ? running() : ended('Passed')));
    await scene.signIn();
    await scene.tab.until("document.querySelectorAll('.list tbody tr').length === 100");
    const { domComplete, shown } = await scene.tab.value<{ domComplete: number; shown: number }>(
      "({ domComplete: performance.getEntriesByType('navigation')[0].domComplete, shown: performance.getEntriesByName('filled')[0].duration })",
    );
    expect(domComplete).toBeLessThan(2000);
    expect(shown).toBeLessThan(2000);
    const start = performance.now();
    scene.page.objects.put(anotherExperiment('ns-0', 'exp-0', running(5)));
    await scene.tab.shows('5 of 6 blocks');
    expect(performance.now() - start).toBeLessThan(1000);
    await scene.tab.value("document.querySelector('.more').click()");
    await scene.tab.until("document.querySelectorAll('.list tbody tr').length === 500");
    expect(await text('.chips')).toMatch(/Running\s+100[\s\S]*Passed\s+400/);
    await scene.tab.value("document.querySelector('.chip.Running').click()");
    await scene.tab.until("document.querySelectorAll('.list tbody tr').length === 100");
    expect(scene.tab.problems).toEqual([]);
  }, 60_000);

  test('says when it is not live, and is again when the operator is back', async () => {
    scene.page.objects.put(anotherExperiment('bench', 'one', running()));
    await scene.signIn();
    const { port } = scene.page.server;
    await scene.page.server.close();
    await scene.tab.shows('Not live');
    const { objects, users } = scene.page;
    scene.page = await startHeldPage({ source: objects, reviewer: users }, port);
    objects.put(anotherExperiment('bench', 'one', running(5)));
    await scene.tab.shows('5 of 6 blocks');
    await scene.tab.until(
      "document.querySelector('.link.Live') !== null && !document.body.innerText.includes('Not live')",
    );
  });

  test('one whose right is taken away sees no more of it', async () => {
    scene.page.objects.put(anotherExperiment('bench', 'mine', running()));
    scene.page.objects.put(anotherExperiment('team', 'theirs', running()));
    await scene.signIn('good-too');
    await scene.tab.shows('mine');
    expect(await scene.tab.value("document.body.innerText.includes('theirs')")).toBe(false);
    scene.page.users.users.delete('good-too');
    // What the API server said counts for ten seconds.
    const timer = setInterval(() => scene.page.objects.put(anotherExperiment('bench', 'mine', running())), 500);
    await scene.tab.shows('Sign in', 20).finally(() => clearInterval(timer));
    expect(await scene.tab.value("document.body.innerText.includes('mine')")).toBe(false);
  }, 30_000);
});

/** Texts of too little contrast to what is behind them (WCAG 2.2, 1.4.3). */
const FAINT = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => { for (let e = element; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const faint = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || ['SCRIPT', 'NOSCRIPT'].includes(element.tagName) || element.checkVisibility() === false) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(node.data.trim() + ' ' + ratio.toFixed(2));
  }
  return faint;
})()`;
