/** All Testbeds and whether they are ready; and one of them with all that was found. */
import type { TestbedDetail } from '../detail.ts';
import type { TestbedLine } from '../view.ts';
import { getJson, Refusal } from './api.ts';
import { facts, h, pill, section, setText, table } from './dom.ts';
import { plural } from './format.ts';
import type { Model } from './model.ts';
import { conditionSection } from './results.ts';
import { hrefOf, pathOf } from './route.ts';
import type { View } from './view.ts';

const word = (ready: TestbedLine['ready']): string =>
  ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown';

function foundText({ errors, warnings }: TestbedLine): string {
  const parts = [
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
  ];
  return parts.length === 0 ? 'nothing wrong' : parts.join(', ');
}

export class TestbedsView implements View {
  readonly title = 'Testbeds';
  readonly element = h('div');
  readonly #model: Model;
  #shown = '';

  constructor(model: Model) {
    this.#model = model;
  }

  update(): void {
    const lines = [...this.#model.testbeds.values()].sort((a, b) => a.key.localeCompare(b.key));
    const state = JSON.stringify([this.#model.isFilled, lines]);
    if (state === this.#shown) return;
    this.#shown = state;
    if (lines.length === 0) {
      const text = this.#model.isFilled
        ? 'No Testbed is here that you may see. Describe nodes, link and networks in one: docs/testbed.md'
        : 'Reading Testbeds …';
      return this.element.replaceChildren(h('p', { class: 'empty' }, text));
    }
    this.element.replaceChildren(h('ul', { class: 'cards' }, ...lines.map(card)));
  }

  tick(): void {}
  leave(): void {}
}

function card(line: TestbedLine): HTMLLIElement {
  const modes = line.modes.map(({ name, ready }) =>
    h('span', { class: `mode ${word(ready)}` }, `${name} ${ready === 'True' ? 'ready' : 'not ready'}`),
  );
  return h(
    'li',
    { class: 'card' },
    h('h2', {}, h('a', { href: hrefOf('testbed', line.key) }, line.name), h('span', { class: 'soft' }, line.namespace)),
    h('p', {}, pill(word(line.ready)), ...modes),
    h('p', { class: 'soft' }, `${line.readyNodes} of ${plural(line.nodes, 'node')} ready, ${foundText(line)}`),
    line.ready === 'True' ? null : h('p', { class: 'why' }, `${line.reason}: ${line.message}`),
  );
}

export class TestbedView implements View {
  readonly title: string;
  readonly element = h('div');
  readonly #model: Model;
  readonly #key: string;
  #shown = '';

  constructor(model: Model, key: string) {
    this.#model = model;
    this.#key = key;
    this.title = `Testbed ${key.slice(key.indexOf('/') + 1)}`;
  }

  update(): void {
    const line = this.#model.testbeds.get(this.#key);
    const version = line?.version ?? (this.#model.isFilled ? 'absent' : '');
    if (version === '' || version === this.#shown) return;
    this.#shown = version;
    if (line !== undefined) return void this.#load();
    this.element.replaceChildren(h('p', { class: 'empty' }, 'This Testbed is not there, or you may not see it.'));
  }

  tick(): void {}
  leave(): void {}

  async #load(): Promise<void> {
    try {
      this.#show(await getJson<TestbedDetail>(pathOf('testbeds', this.#key)));
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return this.#model.signOut(error.message);
      this.element.replaceChildren(
        h('p', { class: 'warn' }, error instanceof Error ? error.message : 'It cannot be read'),
      );
    }
  }

  #show({ line, conditions, findings, nodes, networks, kubevirt }: TestbedDetail): void {
    const why = h('p', { class: 'why' });
    setText(why, line.ready === 'True' ? 'All that it describes can be used.' : `${line.reason}: ${line.message}`);
    this.element.replaceChildren(
      h('div', { class: 'headline' }, pill(word(line.ready)), h('p', { class: 'steps' }, foundText(line))),
      why,
      facts([
        ['Namespace', line.namespace],
        ['KubeVirt', kubevirt],
      ]),
      ...findingSection(findings),
      section('Nodes', nodeTable(nodes)),
      section('Networks', networkTable(networks)),
      conditionSection(conditions),
    );
  }
}

function findingSection(findings: TestbedDetail['findings']): HTMLElement[] {
  if (findings.length === 0) return [];
  const items = findings.map(({ severity, reason, message, network, modes }) => {
    const concerns = [...(network === undefined ? [] : [`network ${network}`]), ...(modes ?? [])].join(', ');
    return h(
      'li',
      { class: `finding ${severity}` },
      h('strong', {}, `${severity}: ${reason}`),
      concerns === '' ? null : h('span', { class: 'soft' }, ` concerns ${concerns}`),
      h('p', {}, message),
    );
  });
  return [section('What was found', h('ul', { class: 'findings' }, ...items))];
}

function nodeTable(nodes: TestbedDetail['nodes']): HTMLElement {
  const rows = nodes.map(({ name, roles, state, kernel, resources }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h('td', {}, roles.join(', ')),
      h('td', {}, state),
      h(
        'td',
        {},
        resources.map((r) => `${r.name}: ${r.allocatable - r.inUse} of ${r.allocatable} free`).join(', ') || '–',
      ),
      h('td', {}, kernel),
    ),
  );
  return table(
    { caption: 'Candidates', unseen: true },
    ['Node', 'Ends', 'State', 'VFs, those of Trials aside', 'Kernel'],
    rows,
  );
}

function networkTable(networks: TestbedDetail['networks']): HTMLElement {
  const rows = networks.map(({ name, plugin, resource, modes, pairs }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h('td', {}, plugin),
      h('td', {}, resource || 'none'),
      h('td', {}, modes.join(', ') || 'none'),
      h('td', {}, pairs),
    ),
  );
  return table(
    { caption: 'Data networks', unseen: true },
    ['Network', 'CNI plugin', 'Resource', 'Carries', 'Pairs at most'],
    rows,
  );
}
