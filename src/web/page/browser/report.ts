/**
 * The report in place: the same document that the command line writes, in a frame that runs no scripts. It keeps our
 * origin, since else the links of its contents would lead nowhere; without scripts that gives it nothing.
 */
import type { ExperimentDetail } from '../detail.ts';
import { getText } from './api.ts';
import { h, setText } from './dom.ts';
import { pathOf } from './route.ts';

export class ReportFrame {
  readonly element: HTMLElement;
  readonly #key: string;
  readonly #frame = h('iframe', { title: 'Report', sandbox: 'allow-same-origin', referrerpolicy: 'no-referrer' });
  readonly #told = h('p', { class: 'soft', role: 'status' });
  readonly #show = h('button', { type: 'button' });
  readonly #save = h('a', { class: 'button' }, 'Save as one file');
  /** Version that the frame shows, and the newest that there is. */
  #shown = '';
  #newest = '';
  #url = '';
  #isLoading = false;
  readonly #size = new ResizeObserver(() => this.#fit());

  constructor(key: string) {
    this.#key = key;
    this.#save.setAttribute('download', `${key.replaceAll('/', '-')}.html`);
    this.#frame.addEventListener('load', () => {
      const body = this.#frame.contentDocument?.body;
      if (body !== undefined) this.#size.observe(body);
      this.#fit();
    });
    this.#show.addEventListener('click', () => void this.#load());
    const tools = h('div', { class: 'tools' }, this.#show, this.#save, this.#told);
    this.element = h('section', { class: 'report', 'aria-label': 'Report' }, h('h2', {}, 'Report'), tools, this.#frame);
    this.element.hidden = true;
    this.#frame.hidden = true;
    this.#save.hidden = true;
  }

  /** Tells that there is a report of this state; the first is shown, later ones when asked for. */
  offer({ line, hasReport }: ExperimentDetail): void {
    this.element.hidden = !hasReport;
    if (!hasReport) return;
    const isFirst = this.#newest === '';
    const isFinal = line.ended !== '';
    this.#newest = line.version;
    if (isFirst || (isFinal && this.#shown !== this.#newest)) void this.#load();
    else this.#tell();
  }

  leave(): void {
    this.#size.disconnect();
    if (this.#url !== '') URL.revokeObjectURL(this.#url);
  }

  /** As high as the report: one thing to scroll, not two. */
  #fit(): void {
    const height = this.#frame.contentDocument?.body.offsetHeight ?? 0;
    if (height > 0) this.#frame.style.height = `${height + 4}px`;
  }

  #tell(): void {
    this.#show.hidden = this.#shown === this.#newest || this.#isLoading;
    setText(this.#show, this.#shown === '' ? 'Show the report' : 'Show the newest state');
    if (this.#isLoading) setText(this.#told, 'Making the report …');
    else if (this.#shown !== '') setText(this.#told, this.#shown === this.#newest ? '' : 'Trials have ended since.');
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const version = this.#newest;
    this.#tell();
    try {
      const html = await getText(`${pathOf('experiments', this.#key)}/report`);
      this.leave();
      this.#url = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
      this.#frame.src = this.#url;
      this.#save.href = this.#url;
      this.#frame.hidden = false;
      this.#save.hidden = false;
      this.#shown = version;
      this.#isLoading = false;
      this.#tell();
    } catch (error) {
      this.#isLoading = false;
      this.#tell();
      setText(this.#told, error instanceof Error ? error.message : 'The report cannot be read');
    }
  }
}
