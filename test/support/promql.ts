/** What a PromQL expression names. No parser: enough to hold names, labels and brackets against what there is. */

const WORDS = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'and',
  'or',
  'unless',
  'group_left',
  'group_right',
  'offset',
  'bool',
]);
const FUNCTIONS = new Set([
  'sum',
  'max',
  'min',
  'avg',
  'count',
  'topk',
  'absent',
  'rate',
  'increase',
  'histogram_quantile',
]);

export interface Named {
  metrics: string[];
  /** Labels in selectors and groupings. */
  labels: string[];
}

/** @throws Error for brackets that do not match, a function that is not known here, or a range where none belongs. */
export function namesIn(expression: string): Named {
  const strings: string[] = [];
  const text = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, (found) => `"${strings.push(found)}"`);
  matching(text);
  const groupings = [...text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(','),
  );
  const selectors = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','));
  const matchers = selectors.map((one) => {
    const [, label] = /^\s*([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"\d+"\s*$/.exec(one) ?? [];
    if (label === undefined) throw new Error(`Selector ${one}: ${expression}`);
    return label;
  });
  const plain = text
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/"\d+"/g, ' ');
  const ranged = [...plain.matchAll(/\b(rate|increase)\(\s*[a-zA-Z_:]\w*\[\d+[smhd]\]\s*\)/g)].length;
  const ranges = [...plain.matchAll(/\[/g)].length;
  const rates = [...plain.matchAll(/\b(?:rate|increase)\(/g)].length;
  if (ranged !== ranges || ranged !== rates) throw new Error(`A range belongs into rate or increase: ${expression}`);
  const words = [...plain.replaceAll(/\[[^\]]*\]/g, ' ').matchAll(/(?<![\w.])[a-zA-Z_:]\w*(\s*\()?/g)];
  const metrics = words.flatMap(([found, call]) => {
    const word = found.replace(/\s*\($/, '');
    if (call !== undefined && !WORDS.has(word) && !FUNCTIONS.has(word))
      throw new Error(`Function ${word}: ${expression}`);
    return WORDS.has(word) || FUNCTIONS.has(word) ? [] : [word];
  });
  return { metrics, labels: [...groupings, ...matchers].map((label) => label.trim()) };
}

const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

function matching(text: string): void {
  const open: string[] = [];
  for (const c of text) {
    if (Object.values(PAIRS).includes(c)) open.push(c);
    else if (c in PAIRS && open.pop() !== PAIRS[c]) throw new Error(`Brackets do not match: ${text}`);
  }
  if (open.length > 0) throw new Error(`Brackets are left open: ${text}`);
}
