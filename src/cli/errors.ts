/** What went wrong, as a sentence that says what to do; never a stack. */
import { ApiError, isForbidden, isInvalid, isNotFound, isUnauthorized, TransportError } from '../kube/errors.ts';
import { EXIT, type ExitCode } from './exit.ts';

/** A failure with the words for the user and the code to exit with. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = EXIT.error, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function sentenceOf(error: unknown, server: string): string {
  if (error instanceof TransportError) return lost(error, server);
  if (isUnauthorized(error))
    return `the API server ${server} refuses these credentials: log in again, or choose another --context`;
  if (isForbidden(error)) return `not allowed: ${said(error)}: ask for the right, or see kubectl auth can-i --list`;
  if (isInvalid(error)) return `refused by the API server: ${said(error)}`;
  if (isNotFound(error))
    return `not found: ${said(error)}: are the CRDs of vfbench installed? See kubectl vfbench doctor`;
  if (error instanceof ApiError) return `the API server answered ${error.status}: ${said(error)}`;
  return error instanceof Error ? error.message : String(error);
}

const said = (error: unknown): string => (error instanceof ApiError ? error.serverMessage : String(error));

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  DEADLINE: 'it does not answer',
};

function lost({ code }: TransportError, server: string): string {
  return `cannot reach the API server ${server} (${CAUSES[code] ?? code}): check network and kubeconfig`;
}
