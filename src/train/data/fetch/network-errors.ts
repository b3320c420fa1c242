import { DownloadError } from './archive.js';

/** A failure that another request may not have: a broken connection, a busy server. */
export class TransientFailure extends Error {}

const TRANSIENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'the server cannot be reached',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'the connection timed out',
  UND_ERR_BODY_TIMEOUT: 'the connection timed out',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection broke',
};

const PERMANENT: Readonly<Record<string, string>> = {
  // No network at all looks like this. Waiting would only make the user wait.
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved',
  ENETUNREACH: 'there is no network',
};

/** Sorts what `fetch` throws into failures to retry and errors to report. */
export function networkFailure(error: unknown): Error {
  if (error instanceof TransientFailure) return error;
  // fetch says only "fetch failed" or "terminated": the cause has the reason.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const transient = TRANSIENT[code];
  if (transient !== undefined) return new TransientFailure(`${transient} (${code})`, { cause: error });
  const permanent = PERMANENT[code] ?? message;
  return new DownloadError(code === '' ? permanent : `${permanent} (${code})`, { cause: error });
}
