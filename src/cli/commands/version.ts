/** `version`. */
import { API_VERSION } from '../../api/labels.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { VERSION } from '../version.ts';

export async function run(): Promise<ExitCode> {
  process.stdout.write(`kubectl-vfbench ${VERSION} (${API_VERSION}, Node ${process.versions.node})\n`);
  return EXIT.passed;
}
