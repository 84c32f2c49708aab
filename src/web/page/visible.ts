/** Which objects a caller may see: those of namespaces where they may list that kind. */
import type { Board } from './board.ts';
import type { Caller } from './gate.ts';
import type { PageKind } from './source.ts';
import type { ExperimentLine, TestbedLine } from './view.ts';

export interface Lines {
  experiments: ExperimentLine[];
  testbeds: TestbedLine[];
  /** Some namespaces were not asked for: there are too many. */
  partial: boolean;
}

/** Namespaces that are asked for at most for one answer, where the caller may not list everywhere. */
const MOST_NAMESPACES = 100;
const RESOURCE = { Experiment: 'experiments', Testbed: 'testbeds' } as const;

export const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/'));

/** The lines of those keys that the caller may see. */
export async function visibleLines(
  board: Board,
  caller: Caller,
  keys: Readonly<Record<PageKind, readonly string[]>>,
): Promise<Lines> {
  const [experiments, testbeds] = await Promise.all([
    sorted(caller, 'Experiment', keys.Experiment),
    sorted(caller, 'Testbed', keys.Testbed),
  ]);
  const lines = experiments.shown.flatMap((key) => board.experiment(key) ?? []);
  return {
    experiments: await Promise.all(lines.map((line) => asSeenBy(caller, line))),
    testbeds: testbeds.shown.flatMap((key) => board.testbed(key) ?? []),
    partial: experiments.partial || testbeds.partial,
  };
}

/** What comes from Trials is for those who may list them. */
export async function asSeenBy(caller: Caller, line: ExperimentLine): Promise<ExperimentLine> {
  if (line.running.length === 0 && line.secondsLeft === null) return line;
  const mayList = await caller.may({ verb: 'list', resource: 'trials', namespace: line.namespace });
  return mayList ? line : { ...line, running: [], secondsLeft: null };
}

interface Sorted {
  shown: string[];
  partial: boolean;
}

async function sorted(caller: Caller, kind: PageKind, keys: readonly string[]): Promise<Sorted> {
  const question = { verb: 'list', resource: RESOURCE[kind] } as const;
  if (keys.length === 0) return { shown: [], partial: false };
  if (await caller.may({ ...question, namespace: '' })) return { shown: [...keys], partial: false };
  const namespaces = [...new Set(keys.map(namespaceOf))].toSorted();
  const allowed = new Set<string>();
  for (const namespace of namespaces.slice(0, MOST_NAMESPACES))
    if (await caller.may({ ...question, namespace })) allowed.add(namespace);
  return {
    shown: keys.filter((key) => allowed.has(namespaceOf(key))),
    partial: namespaces.length > MOST_NAMESPACES,
  };
}
