/** The live page and a tab of a real Chromium for each test. */
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type Browser, noChromium, startChromium, type Tab, type TabOptions } from './chromium.ts';
import { type HeldPage, startHeldPage } from './page.ts';
import { describeUnless } from './skip.ts';

export interface Scene {
  /** What a test opens itself it puts here: it is closed afterwards. */
  page: HeldPage;
  tab: Tab;
  /** Answers so far, as `route status`. */
  answers: string[];
  /** Opens the page and signs in: as `good`, who may see all, or `good-too`, who may see namespace bench. */
  signIn(token?: string, options?: TabOptions): Promise<void>;
  /** Goes to an address within the page. */
  go(hash: string): Promise<unknown>;
}

/** `describe` with both; skipped where there is no browser. */
export function describeInBrowser(name: string, body: (scene: Scene) => void): void {
  describeUnless(noChromium, name, () => {
    let browser: Browser;
    const scene = {} as Scene;
    beforeAll(async () => {
      browser = await startChromium();
    }, 60_000);
    afterAll(() => browser?.stop());
    beforeEach(async () => {
      scene.answers = [];
      const onAnswer = (route: string, status: number): void => void scene.answers.push(`${route} ${status}`);
      scene.page = await startHeldPage({ onAnswer });
      scene.page.users.add('good', 'ann', '*');
      scene.page.users.add('good-too', 'bob', 'bench');
      scene.tab = await browser.tab();
    });
    afterEach(() => scene.page.server.close());
    scene.signIn = async (token = 'good', options = {}) => {
      const { tab, page } = scene;
      await tab.open(page.url, options);
      await tab.shows('Sign in');
      await tab.type(token);
      await tab.press('Enter', '\r');
      await tab.until("document.querySelector('.link.Live') !== null");
    };
    scene.go = (hash) => scene.tab.value(`location.hash = ${JSON.stringify(hash)}`);
    body(scene);
  });
}
