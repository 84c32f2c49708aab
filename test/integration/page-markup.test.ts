/** Stored cross-site scripting: every string that a user or a guest controls, in a real Chromium. */
import { expect, test } from '@jest/globals';
import { condition } from '../support/builders.ts';
import { describeInBrowser } from '../support/browser-scene.ts';
import { evil, MARK, PAYLOAD } from '../support/evil.ts';
import { anotherExperiment, anotherTestbed, ended, trialOf } from '../support/page.ts';

describeInBrowser('markup in every string that a user or a guest controls', (scene) => {
  test('does run where it is taken for markup: what the next tests look for can be seen', async () => {
    await scene.tab.open('about:blank');
    await scene.tab.value(`document.body.innerHTML = ${JSON.stringify(PAYLOAD)}`);
    await scene.tab.until(`window.${MARK} === 1`);
  });

  test('stays text, in lists, details and the report', async () => {
    // Names are checked by the API server; here they are not.
    scene.page.objects.put(evil(anotherExperiment('bench', 'one', ended('Failed'))));
    scene.page.objects.put(evil(anotherTestbed('bench', 'lab', false)));
    const named = (object: ReturnType<typeof anotherExperiment>) => ({ ...evil(object), metadata: object.metadata });
    const two = anotherExperiment('bench', 'two', ended('Failed'));
    scene.page.objects.put(named(two));
    const lab = anotherTestbed('bench', 'lab-two', false);
    scene.page.objects.put({ ...evil(lab), metadata: lab.metadata });
    for (const state of ['running', 'failed'] as const) {
      const conditions =
        state === 'failed'
          ? [condition('Finished', 'True'), condition('Succeeded', 'False', { reason: PAYLOAD, message: PAYLOAD })]
          : [];
      const one = trialOf(two, { mode: state, block: 1 }, {});
      const status = {
        conditions,
        startTime: PAYLOAD,
        endpoints: [],
        measurements: [{ test: PAYLOAD, point: {}, pair: 0, metric: PAYLOAD, unit: PAYLOAD, reason: PAYLOAD }],
      };
      scene.page.objects.put({ ...one, spec: { ...one.spec, mode: PAYLOAD }, status });
    }
    await scene.signIn();
    const own = await scene.tab.value(OWN);
    for (const hash of [
      '#/',
      '#/testbeds',
      '#/experiment/bench/two',
      '#/testbed/bench/lab-two',
      `#/experiment/bench/${encodeURIComponent(PAYLOAD)}`,
    ]) {
      await scene.go(hash);
      await scene.tab.shows('onerror=');
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect([hash, await scene.tab.value(`window.${MARK} ?? 0`), await scene.tab.value(OWN)]).toEqual([hash, 0, own]);
    }
    await scene.go('#/experiment/bench/two');
    await scene.tab.until("document.querySelector('iframe')?.src.startsWith('blob:')");
    const inside = "document.querySelector('iframe').contentDocument";
    await scene.tab.until(`${inside}.body.innerText.includes('onerror=')`);
    expect(await scene.tab.value(`${inside}.querySelectorAll('img, script, link, object, embed, base').length`)).toBe(
      0,
    );
    expect(await scene.tab.value(`${inside}.defaultView.${MARK} ?? 0`)).toBe(0);
    expect(scene.tab.problems).toEqual([]);
    expect(scene.answers.filter((answer) => answer.startsWith('other'))).toEqual([]);
  });

  test('its policy stops a script that got in all the same', async () => {
    await scene.signIn();
    await scene.tab.value(
      "document.body.append(Object.assign(document.createElement('iframe'), { sandbox: 'allow-same-origin', src: URL.createObjectURL(new Blob([`<script>parent.fromFrame = 1<\\/script>`], { type: 'text/html' })) }))",
    );
    const tried = await scene.tab.value(`(() => {
        const failed = [];
        try { document.body.innerHTML = ${JSON.stringify(PAYLOAD)}; } catch { failed.push('innerHTML'); }
        try { const s = document.createElement('script'); s.text = 'window.${MARK} = 1'; document.body.append(s); } catch { failed.push('script'); }
        try { (0, eval)('window.${MARK} = 1'); } catch { failed.push('eval'); }
        return [failed, window.${MARK} ?? 0];
      })()`);
    expect(tried).toEqual([['innerHTML', 'script', 'eval'], 0]);
    expect(await scene.tab.value('window.fromFrame ?? 0')).toBe(0);
    await expect(scene.tab.value("fetch('http://127.0.0.1:9/')")).rejects.toThrow();
    expect(scene.tab.problems.join('\n')).toMatch(/Content Security Policy/);
  });
});

/** Elements that markup could bring in, and the page has a fixed number of. */
const OWN = "document.querySelectorAll('img, svg, script, style, link, object, embed, base, meta').length";
