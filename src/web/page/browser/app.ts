/** The page: a header that says whether it is live, and one view at a time. */
import { h, setAttribute, setText } from './dom.ts';
import { ExperimentView } from './experiment.ts';
import { ExperimentsView } from './experiments.ts';
import { Login } from './login.ts';
import { type Link, Model } from './model.ts';
import { namespaceOfPage, routeOf } from './route.ts';
import { TestbedsView, TestbedView } from './testbeds.ts';
import type { View } from './view.ts';

const LINKS: Record<Link, string> = { SignedOut: '', Connecting: 'Connecting', Live: 'Live', Lost: 'Not live' };

class App {
  readonly #model = new Model(() => this.#changed());
  readonly #login = new Login(() => this.#follow());
  readonly #link = h('span', { class: 'link', role: 'status' });
  readonly #user = h('span', { class: 'user' });
  readonly #out = h('button', { type: 'button', class: 'quiet' }, 'Sign out');
  readonly #tabs = {
    experiments: h('a', { href: '#/' }, 'Experiments'),
    testbeds: h('a', { href: '#/testbeds' }, 'Testbeds'),
  };
  readonly #notice = h('p', { class: 'warn' });
  readonly #heading = h('h1', { tabindex: '-1' });
  readonly #main = h('main', { id: 'main' });
  readonly #header: HTMLElement;
  #view: View | null = null;
  #isUpdating = false;

  constructor() {
    const skip = h('a', { class: 'skip', href: '#main' }, 'Skip to the content');
    skip.addEventListener('click', (clicked) => {
      clicked.preventDefault();
      this.#heading.focus();
    });
    this.#out.addEventListener('click', () => this.#model.signOut());
    this.#header = h(
      'header',
      {},
      h('a', { class: 'brand', href: '#/' }, 'vfbench'),
      h('nav', { 'aria-label': 'Views' }, this.#tabs.experiments, this.#tabs.testbeds),
      h('div', { class: 'who' }, this.#link, this.#user, this.#out),
    );
    document.body.replaceChildren(skip, this.#header, this.#main);
    window.addEventListener('hashchange', () => this.#open(true));
    document.addEventListener('keydown', (pressed) => this.#key(pressed));
    setInterval(() => this.#view?.tick(Date.now()), 1000);
    this.#open(false);
    this.#follow();
  }

  #follow(): void {
    void this.#model.start(namespaceOfPage());
  }

  /** Shows what the address says. `isMove`: the reader went there, so focus goes too. */
  #open(isMove: boolean): void {
    const route = routeOf(location.hash);
    this.#view?.leave();
    this.#view = this.#viewOf(route);
    setText(this.#heading, this.#view.title);
    document.title = `${this.#view.title} · vfbench`;
    const isExperiment = route.view === 'experiments' || route.view === 'experiment';
    for (const [name, tab] of Object.entries(this.#tabs))
      setAttribute(tab, 'aria-current', (name === 'experiments') === isExperiment ? 'page' : 'false');
    this.#main.replaceChildren(this.#notice, this.#heading, this.#view.element);
    this.#changed();
    if (!isMove) return;
    window.scrollTo(0, 0);
    this.#heading.focus({ preventScroll: true });
  }

  #viewOf(route: ReturnType<typeof routeOf>): View {
    switch (route.view) {
      case 'experiments':
        return new ExperimentsView(this.#model);
      case 'testbeds':
        return new TestbedsView(this.#model);
      case 'experiment':
        return new ExperimentView(this.#model, route.key);
      case 'testbed':
        return new TestbedView(this.#model, route.key);
    }
  }

  /** At most once a frame. */
  #changed(): void {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    queueMicrotask(() => {
      this.#isUpdating = false;
      this.#show();
    });
  }

  #show(): void {
    const { link, user, problem, partial } = this.#model;
    const isOut = link === 'SignedOut';
    this.#header.hidden = isOut;
    const [wanted, other] = isOut ? [this.#login.element, this.#main] : [this.#main, this.#login.element];
    if (other.isConnected) other.replaceWith(wanted);
    if (isOut) {
      this.#login.show(problem);
      this.#login.focus();
      return;
    }
    setText(this.#link, LINKS[link]);
    setAttribute(this.#link, 'class', `link ${link}`);
    setText(this.#user, user);
    this.#out.hidden = user === '';
    const partialText = partial ? 'Not all namespaces were looked at: name yours, as in /?namespace=NAME' : '';
    setText(this.#notice, link === 'Lost' ? `Not live: ${problem}. Trying again.` : partialText);
    this.#notice.hidden = this.#notice.textContent === '';
    this.#view?.update();
  }

  /** `/` goes to the filter, Escape leaves it. */
  #key(pressed: KeyboardEvent): void {
    const filter = document.getElementById('filter');
    const isTyping = pressed.target instanceof HTMLInputElement;
    if (pressed.key === '/' && !isTyping && filter !== null && !pressed.ctrlKey && !pressed.metaKey) {
      pressed.preventDefault();
      filter.focus();
    }
    if (pressed.key === 'Escape' && pressed.target === filter) this.#heading.focus();
  }
}

new App();
