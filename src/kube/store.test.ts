import { describe, expect, test } from '@jest/globals';
import { Store, type Change } from './store.ts';
import { pod, type TestPod } from './kube.testing.ts';

function storeWithLog(): { store: Store<TestPod>; changes: string[] } {
  const store = new Store<TestPod>({ indexes: { label: (obj) => Object.values(obj.metadata.labels ?? {}) } });
  const changes: string[] = [];
  store.subscribe((change: Change<TestPod>) => {
    const old = change.old ? `${change.old.metadata.resourceVersion}->` : '';
    changes.push(`${change.type} ${change.object.metadata.name} ${old}${change.object.metadata.resourceVersion}`);
  });
  return { store, changes };
}

const version = (store: Store<TestPod>, key: string): string | undefined => store.get(key)?.metadata.resourceVersion;

describe('upsert', () => {
  test.each([
    ['newer replaces', '9', '10', '10'],
    ['older is ignored', '10', '9', '10'],
    ['equal is ignored', '10', '10', '10'],
    ['not comparable replaces', 'x', 'y', 'y'],
  ])('%s', (_, first, second, want) => {
    const { store } = storeWithLog();
    store.upsert(pod('a', first));
    store.upsert(pod('a', second));
    expect(version(store, 'ns/a')).toBe(want);
  });

  test('tells listeners what was there before', () => {
    const { store, changes } = storeWithLog();
    store.upsert(pod('a', 1));
    store.upsert(pod('a', 1));
    store.upsert(pod('a', 2));
    expect(changes).toEqual(['upsert a 1', 'upsert a 1->2']);
  });

  test('the late answer of a write to an object since deleted is ignored', () => {
    const { store } = storeWithLog();
    store.upsert(pod('a', 5));
    store.remove(pod('a', 7));
    store.upsert(pod('a', 6));
    expect(store.get('ns/a')).toBeUndefined();
  });

  test('an object that left the selection and came back is taken in', () => {
    const { store } = storeWithLog();
    store.upsert(pod('a', 5));
    store.remove(pod('a', 7));
    store.upsert(pod('a', 8));
    expect(version(store, 'ns/a')).toBe('8');
  });

  test('an object of the same name and another uid is taken in', () => {
    const { store } = storeWithLog();
    store.upsert(pod('a', 5));
    store.remove(pod('a', 7));
    store.upsert(pod('a', 8, { uid: 'other' }));
    expect(store.get('ns/a')?.metadata.uid).toBe('other');
  });

  test('drops managedFields and applies the transform', () => {
    const store = new Store<TestPod>({ transform: (obj) => ({ ...obj, spec: {} }) });
    store.upsert({ ...pod('a', 1, { managedFields: [{}] }), spec: { nodeName: 'n' } });
    expect(store.get('ns/a')).toEqual({ ...pod('a', 1), spec: {} });
  });
});

describe('remove', () => {
  test('of an earlier incarnation leaves the new one', () => {
    const { store, changes } = storeWithLog();
    store.upsert(pod('a', 9, { uid: 'new' }));
    store.remove(pod('a', 7));
    expect(store.get('ns/a')?.metadata.uid).toBe('new');
    expect(changes).toEqual(['upsert a 9']);
  });
});

describe('replaceAll', () => {
  test('tells the differences only', () => {
    const { store, changes } = storeWithLog();
    store.replaceAll([pod('a', 1), pod('b', 2), pod('c', 3)], '3');
    changes.length = 0;
    store.replaceAll([pod('a', 1), pod('c', 5), pod('d', 6)], '6');
    expect(changes).toEqual(['delete b 2', 'upsert c 3->5', 'upsert d 6']);
    expect(store.size).toBe(3);
  });

  test('listeners see the whole new state', () => {
    const store = new Store<TestPod>();
    const sizes: number[] = [];
    store.subscribe(() => sizes.push(store.size));
    store.replaceAll([pod('a', 1), pod('b', 2)], '2');
    expect(sizes).toEqual([2, 2]);
  });

  test('keeps own writes newer than the list, and their event is taken in later', () => {
    const { store } = storeWithLog();
    store.upsert(pod('mine', 12));
    store.replaceAll([pod('a', 1)], '10');
    expect(version(store, 'ns/mine')).toBe('12');
    store.upsert(pod('mine', 13));
    expect(version(store, 'ns/mine')).toBe('13');
  });

  test('remembers what the list no longer holds', () => {
    const { store } = storeWithLog();
    store.upsert(pod('a', 5));
    store.replaceAll([], '10');
    store.upsert(pod('a', 6));
    expect(store.size).toBe(0);
  });
});

describe('byIndex', () => {
  test('follows changes and deletions', () => {
    const { store } = storeWithLog();
    store.upsert(pod('a', 1, { labels: { x: 'red' } }));
    store.upsert(pod('b', 2, { labels: { x: 'red' } }));
    store.upsert(pod('a', 3, { labels: { x: 'blue' } }));
    expect(store.byIndex('label', 'red').map((obj) => obj.metadata.name)).toEqual(['b']);
    expect(store.byIndex('label', 'blue').map((obj) => obj.metadata.name)).toEqual(['a']);
    store.remove(pod('b', 4));
    expect(store.byIndex('label', 'red')).toEqual([]);
    expect(() => store.byIndex('none', 'x')).toThrow('no index none');
  });
});

test('an ended subscription hears nothing', () => {
  const store = new Store<TestPod>();
  const heard: unknown[] = [];
  store.subscribe((change) => heard.push(change))();
  store.upsert(pod('a', 1));
  expect(heard).toEqual([]);
});
