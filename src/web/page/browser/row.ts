/** One Experiment in the list. */
import type { ExperimentLine } from '../view.ts';
import { bar, h, setAttribute, setBar, setText } from './dom.ts';
import { ago, duration, plural, since } from './format.ts';
import { hrefOf } from './route.ts';

/** What it does or waits for, in a line. */
export function activity(line: ExperimentLine, now: number): string {
  const [first] = line.running;
  if (line.queue !== null && (first === undefined || first.stage === 'waiting'))
    return `place ${line.queue.position} of ${line.queue.length} in the queue`;
  if (first !== undefined) {
    const pairs = first.pairs === 1 ? '' : `, ${first.pairs} pairs`;
    const attempt = first.attempt === 0 ? '' : `, attempt ${first.attempt + 1}`;
    const more = line.running.length === 1 ? '' : ` and ${line.running.length - 1} more`;
    return `${first.mode} ${first.placement}${pairs}${attempt}: ${first.stage} ${since(first.since, now)}${more}`;
  }
  if (line.state === 'Failed' || line.state === 'Inconclusive') return line.message || line.reason;
  return line.state === 'Waiting' ? `${line.reason}: ${line.message}` : '';
}

/** `block 3 of 6`. */
export function blockText({ state, blocks, plannedBlocks }: ExperimentLine): string {
  return state === 'Running' || blocks < plannedBlocks
    ? `${blocks} of ${plural(plannedBlocks, 'block')}`
    : plural(blocks, 'block');
}

/** When it ends or ended. `at` is when the line came: what is left counts down from there. */
export function whenText(line: ExperimentLine, now: number, at: number): string {
  if (line.ended !== '') return ago(line.ended, now);
  if (line.secondsLeft !== null) return `about ${duration(line.secondsLeft - (now - at) / 1000)} left`;
  if (line.started === '') return `created ${ago(line.created, now)}`;
  return line.state === 'Running' ? `running ${since(line.started, now)}` : `started ${ago(line.started, now)}`;
}

export class ExperimentRow {
  readonly element: HTMLTableRowElement;
  readonly #link = h('a');
  readonly #namespace = h('span', { class: 'soft' });
  readonly #pill = h('span');
  readonly #bar = bar(0, 1);
  readonly #blocks = h('span', { class: 'soft' });
  readonly #now = h('td', { class: 'now', 'data-title': 'Now' });
  readonly #testbed = h('a');
  readonly #when = h('td', { class: 'when', 'data-title': 'When' });
  #line: ExperimentLine | null = null;
  #at = 0;

  constructor() {
    this.element = h(
      'tr',
      {},
      h('th', { scope: 'row' }, this.#link, this.#namespace),
      h('td', { 'data-title': 'State' }, this.#pill),
      h('td', { class: 'progress', 'data-title': 'Progress' }, this.#bar, this.#blocks),
      this.#now,
      h('td', { 'data-title': 'Testbed' }, this.#testbed),
      this.#when,
    );
  }

  show(line: ExperimentLine): void {
    if (this.#line?.version === line.version && JSON.stringify(this.#line) === JSON.stringify(line)) return;
    [this.#line, this.#at] = [line, Date.now()];
    setText(this.#link, line.name);
    setAttribute(this.#link, 'href', hrefOf('experiment', line.key));
    setText(this.#namespace, line.namespace);
    setText(this.#pill, line.state);
    setAttribute(this.#pill, 'class', `pill ${line.state}`);
    setBar(this.#bar, line.trials, line.plannedTrials);
    const failed = line.failed === 0 ? '' : `, ${line.failed} failed`;
    setText(this.#blocks, `${blockText(line)}${failed}`);
    setText(this.#testbed, line.testbed);
    setAttribute(this.#testbed, 'href', hrefOf('testbed', `${line.namespace}/${line.testbed}`));
  }

  tick(now: number): void {
    if (this.#line === null) return;
    setText(this.#now, activity(this.#line, now));
    setText(this.#when, whenText(this.#line, now, this.#at));
  }
}
