/** Writes what ships as bills of materials: `npm run sbom` makes dist/sbom.cdx.json (CycloneDX) and dist/sbom.spdx.json. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FORMATS = { cyclonedx: 'sbom.cdx.json', spdx: 'sbom.spdx.json' };

/** Seconds of the last commit, so that two runs on one commit tell the same time. */
function commitTime(): string {
  const seconds = execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' }).trim();
  return new Date(Number(process.env['SOURCE_DATE_EPOCH'] ?? seconds) * 1000).toISOString();
}

interface Bom {
  metadata?: { timestamp?: string; component?: { name?: string } };
  serialNumber?: string;
  name?: string;
  creationInfo?: { created?: string };
  documentNamespace?: string;
  packages?: { SPDXID: string; name: string }[];
}

/** npm names the project after its folder and stamps time and chance; here it has its name and the commit's time. */
export function settled(bom: Bom, { name, version, time }: { name: string; version: string; time: string }): Bom {
  if (bom.metadata !== undefined) {
    const { serialNumber: _, ...rest } = bom;
    const component = { ...bom.metadata.component, name };
    return { ...rest, metadata: { ...bom.metadata, timestamp: time, component } };
  }
  return {
    ...bom,
    name: `${name}@${version}`,
    documentNamespace: `https://vfbench.io/spdx/${name}-${version}`,
    creationInfo: { ...bom.creationInfo, created: time },
  };
}

function main(): void {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  for (const [format, file] of Object.entries(FORMATS)) {
    const args = ['sbom', '--omit', 'dev', '--sbom-type', 'application', '--sbom-format', format];
    const text = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    const bom = settled(JSON.parse(text) as Bom, { name, version, time: commitTime() });
    writeFileSync(join(ROOT, 'dist', file), `${JSON.stringify(bom, null, 2)}\n`);
    console.log(`dist/${file}`);
  }
}

if (import.meta.main) main();
