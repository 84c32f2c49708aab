/** Addresses within the page: `#/`, `#/testbeds`, `#/experiment/NAMESPACE/NAME`, `#/testbed/NAMESPACE/NAME`. */

export type Route =
  | { view: 'experiments' | 'testbeds' }
  /** `key` is `namespace/name`. */
  | { view: 'experiment' | 'testbed'; key: string };

/** A namespace given as `?namespace=` of the page's own address. */
export const namespaceOfPage = (): string => new URLSearchParams(location.search).get('namespace') ?? '';

export function routeOf(hash: string): Route {
  const [view, namespace = '', name = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  const isObject = (view === 'experiment' || view === 'testbed') && namespace !== '' && name !== '';
  if (isObject) return { view, key: `${namespace}/${name}` };
  return { view: view === 'testbeds' ? 'testbeds' : 'experiments' };
}

const encoded = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

export const hrefOf = (view: 'experiment' | 'testbed', key: string): string => `#/${view}/${encoded(key)}`;

/** Where the operator tells of the object. */
export const pathOf = (resource: 'experiments' | 'testbeds', key: string): string =>
  `/api/v1/${resource}/${encoded(key)}`;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
