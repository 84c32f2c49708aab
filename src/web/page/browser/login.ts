/** Asks for a token. */
import { token } from './api.ts';
import { h, setText } from './dom.ts';

export class Login {
  readonly element: HTMLElement;
  readonly #problem = h('p', { class: 'warn', role: 'alert' });
  readonly #field = h('input', {
    type: 'password',
    id: 'token',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'token-help',
  });

  constructor(onToken: () => void) {
    const form = h(
      'form',
      { class: 'login' },
      h('h1', { tabindex: '-1' }, 'Sign in'),
      h(
        'p',
        {},
        'The page shows what the token may see by kubectl: Experiments, Trials and Testbeds of its namespaces.',
      ),
      this.#problem,
      h('label', { for: 'token' }, 'Bearer token'),
      this.#field,
      h('button', { type: 'submit', class: 'primary' }, 'Sign in'),
      h(
        'p',
        { class: 'soft', id: 'token-help' },
        'One for an hour, of a ServiceAccount that has the role view: ',
        h('code', {}, 'kubectl create token NAME -n NAMESPACE --duration 1h'),
        '. It is kept in this tab until you sign out or close it.',
      ),
    );
    form.addEventListener('submit', (submitted) => {
      submitted.preventDefault();
      token.set(this.#field.value.trim());
      this.#field.value = '';
      onToken();
    });
    this.element = h('main', { id: 'main' }, form);
  }

  show(problem: string): void {
    setText(this.#problem, problem);
    this.#problem.hidden = problem === '';
  }

  focus(): void {
    this.#field.focus();
  }
}
