/**
 * Writes what is generated from crds/, deploy/, the page's browser code and the version in package.json: `npm run gen`. With `--check` writes nothing and fails where a file is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { argoConfigMap } from './gen/argocd.ts';
import { reference } from '../src/cli/usage.ts';
import { chartCopy, chartRules, prometheusRule } from './gen/chart.ts';
import { TYPE_NAMES } from './gen/names.ts';
import { pageAssets } from './gen/page.ts';
import { generateReference } from './gen/reference.ts';
import { rightsTables } from './gen/rights.ts';
import { generateSchemas } from './gen/schemas.ts';
import { type Crd, type Kind, kindOf } from './gen/schema.ts';
import { generateTypes } from './gen/types.ts';
import { VERSIONED, withVersion } from './gen/version.ts';

const ROOT = join(import.meta.dirname, '..');
/** Order of the kinds in what is generated: as a reader meets them. */
const ORDER = ['Testbed', 'Experiment', 'Trial'];

const RBAC = ['deploy/base/rbac.yaml', 'deploy/components/page/rbac.yaml'];

function kinds(): Kind[] {
  const folder = join(ROOT, 'crds');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const found = files.map((name) => kindOf(parse(readFileSync(join(folder, name), 'utf8')) as Crd));
  return found.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

function outputs(): Record<string, string> {
  const all = kinds();
  return {
    'src/api/v1alpha1.ts': generateTypes(all, TYPE_NAMES),
    'src/api/schemas.ts': generateSchemas(all),
    'docs/reference.md': generateReference(all, TYPE_NAMES),
    'docs/cli.md': between('docs/cli.md', reference()),
    'docs/security.md': between(
      'docs/security.md',
      `\n${RBAC.map((path) => rightsTables(read(join(ROOT, path)))).join('\n\n')}\n`,
    ),
    ...chartFiles(),
    'src/web/page/assets.ts': pageAssets(),
    'deploy/gitops/argocd/argocd-cm.yaml': argoConfigMap(healthScripts()),
    ...versions(),
  };
}

/** A page with a new text between its marks. */
function between(path: string, text: string): string {
  const [head = '', tail = ''] = read(join(ROOT, path)).split(/<!-- generated -->[\s\S]*<!-- end -->/);
  return `${head}<!-- generated -->\n${text}\n<!-- end -->${tail}`;
}

function chartFiles(): Record<string, string> {
  const copy = (path: string): string => chartCopy(path, read(join(ROOT, path)));
  const crds = readdirSync(join(ROOT, 'crds')).filter((name) => name.endsWith('.yaml'));
  return {
    ...Object.fromEntries(crds.map((name) => [`charts/vfbench/files/crds/${name}`, copy(`crds/${name}`)])),
    'charts/vfbench/files/rules.yaml': chartRules(RBAC.map((path) => read(join(ROOT, path)))),
    'charts/vfbench/files/admission.yaml': copy('deploy/base/admission.yaml'),
    // Without the last line's end, as the chart has it in its ConfigMap.
    'deploy/overlays/monitoring/dashboard.json': read(join(ROOT, 'charts/vfbench/files/dashboard.json')).trimEnd(),
    'deploy/overlays/monitoring/prometheusrule.yaml': prometheusRule(
      read(join(ROOT, 'charts/vfbench/files/rules-prometheus.yaml')),
    ),
  };
}

function healthScripts(): Record<string, string> {
  const script = (kind: string): string => read(join(ROOT, `deploy/gitops/argocd/health/${kind.toLowerCase()}.lua`));
  return Object.fromEntries(ORDER.map((kind) => [kind, script(kind)]));
}

function versions(): Record<string, string> {
  const { version } = JSON.parse(read(join(ROOT, 'package.json'))) as { version: string };
  return Object.fromEntries(VERSIONED.map((path) => [path, withVersion(path, read(join(ROOT, path)), version)]));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function main(check: boolean): number {
  const stale = Object.entries(outputs()).filter(([path, text]) => read(join(ROOT, path)) !== text);
  if (check && stale.length > 0) {
    console.error(`Stale: ${stale.map(([path]) => path).join(', ')}. Run: npm run gen`);
    return 1;
  }
  for (const [path, text] of stale) {
    writeFileSync(join(ROOT, path), text);
    console.log(`Wrote ${path}`);
  }
  return 0;
}

process.exitCode = main(process.argv.includes('--check'));
