/** One Experiment: how far it is, what it found so far, and its report in place. */
import type { ExperimentDetail } from '../detail.ts';
import type { ExperimentLine } from '../view.ts';
import { getJson, Refusal } from './api.ts';
import { bar, facts, h, pill, setAttribute, setBar, setText } from './dom.ts';
import { moment, since } from './format.ts';
import type { Model } from './model.ts';
import { ReportFrame } from './report.ts';
import { conditionSection, expectationSection, failedSection, resultSections } from './results.ts';
import { hrefOf, pathOf } from './route.ts';
import { activity, blockText, whenText } from './row.ts';
import type { View } from './view.ts';

export class ExperimentView implements View {
  readonly title: string;
  readonly element: HTMLElement;
  readonly #model: Model;
  readonly #key: string;
  readonly #pill = pill('Pending');
  readonly #why = h('p', { class: 'why' });
  readonly #bar = bar(0, 1);
  readonly #steps = h('p', { class: 'steps', role: 'status' });
  readonly #now = h('p', { class: 'now' });
  readonly #emulated = h(
    'p',
    { class: 'warn' },
    'Sandbox: these figures prove the plumbing, they do not measure hardware.',
  );
  readonly #body = h('div');
  readonly #report: ReportFrame;
  #line: ExperimentLine | null = null;
  #at = 0;
  #shown = '';
  #isLoading = false;

  constructor(model: Model, key: string) {
    this.#model = model;
    this.#key = key;
    this.title = key.slice(key.indexOf('/') + 1);
    this.#report = new ReportFrame(key);
    const status = h('div', { class: 'headline' }, this.#pill, this.#steps);
    this.element = h(
      'div',
      {},
      status,
      this.#bar,
      this.#now,
      this.#why,
      this.#emulated,
      this.#body,
      this.#report.element,
    );
  }

  update(): void {
    const line = this.#model.experiments.get(this.#key) ?? null;
    if (line === null) {
      if (this.#model.isFilled) this.#absent();
      return;
    }
    if (this.#line !== line) [this.#line, this.#at] = [line, Date.now()];
    this.#showLine(line);
    if (line.version !== this.#shown) void this.#load(line.version);
  }

  tick(now: number): void {
    if (this.#line === null) return;
    const line = this.#line;
    const failed = line.failed === 0 ? '' : `, ${line.failed} failed`;
    const trials = `${line.trials} of ${line.plannedTrials} trials${failed}`;
    setText(this.#steps, `${blockText(line)} · ${trials} · ${whenText(line, now, this.#at)}`);
    const isRunning = line.running.length > 0 || line.queue !== null;
    this.#now.hidden = !isRunning;
    if (isRunning) setText(this.#now, activity(line, now));
  }

  leave(): void {
    this.#report.leave();
  }

  #showLine(line: ExperimentLine): void {
    setText(this.#pill, line.state);
    setAttribute(this.#pill, 'class', `pill ${line.state}`);
    setBar(this.#bar, line.trials, line.plannedTrials);
    this.#bar.hidden = line.ended !== '';
    this.#emulated.hidden = !line.emulated;
    setText(this.#why, line.reason === '' ? '' : `${line.reason}: ${line.message}`);
    this.tick(Date.now());
  }

  /** One at a time; what changed meanwhile is fetched next. */
  async #load(version: string): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const detail = await getJson<ExperimentDetail>(pathOf('experiments', this.#key));
      this.#shown = version;
      this.#show(detail);
    } catch (error) {
      this.#shown = version;
      if (error instanceof Refusal && error.status === 401) return this.#model.signOut(error.message);
      this.#body.replaceChildren(
        h('p', { class: 'warn' }, error instanceof Error ? error.message : 'It cannot be read'),
      );
    } finally {
      this.#isLoading = false;
    }
    const newest = this.#model.experiments.get(this.#key)?.version;
    if (newest !== undefined && newest !== this.#shown) setTimeout(() => this.update(), 1000);
  }

  #show(detail: ExperimentDetail): void {
    const { line, nodes, modes, baseline, seed } = detail;
    const took = line.ended === '' || line.started === '' ? '' : since(line.started, Date.parse(line.ended));
    const testbed = h('a', { href: hrefOf('testbed', `${line.namespace}/${line.testbed}`) }, line.testbed);
    const list = facts([
      ['Namespace', line.namespace],
      [
        'Modes',
        modes
          .map(({ name, type }) => (name === baseline ? `${name} (${type}, baseline)` : `${name} (${type})`))
          .join(', '),
      ],
      ['Nodes', nodes === null ? 'not chosen yet' : `server ${nodes.server}, client ${nodes.client}`],
      ['Started', moment(line.started)],
      ['Ended', line.ended === '' ? '' : `${moment(line.ended)}${took === '' ? '' : `, after ${took}`}`],
      ['Seed', seed],
    ]);
    list.prepend(h('dt', {}, 'Testbed'), h('dd', {}, testbed));
    const open = new Set([...this.#body.querySelectorAll('details[open]')].map(({ className }) => className));
    this.#body.replaceChildren(
      list,
      ...expectationSection(detail),
      ...resultSections(detail),
      ...failedSection(detail),
      conditionSection(detail.conditions),
    );
    for (const details of this.#body.querySelectorAll('details')) if (open.has(details.className)) details.open = true;
    this.#report.offer(detail);
  }

  #absent(): void {
    this.#line = null;
    setText(this.#why, 'This Experiment is not there, or you may not see it.');
    for (const part of [this.#pill, this.#bar, this.#now, this.#emulated]) part.hidden = true;
    this.#body.replaceChildren();
  }
}
