import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { ERROR_CATALOGUE, type ErrorCode } from '#libs/contracts';
import type { IdSource } from '#libs/kernel';
import { problemOf } from '../problems/problem.js';
import type { SecretScrubber } from '../problems/secret-scrubber.js';

const CODE_OF_PARSER: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers what never became a request (broken HTTP, too large headers, a request that does not end) and closes. */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { ids, scrubber }: { readonly ids: IdSource; readonly scrubber: SecretScrubber },
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = CODE_OF_PARSER[error.code ?? ''] ?? 'invalid_request';
  // The request line cannot be trusted here, so the problem names no path of its own.
  const problem = problemOf(code, {}, { requestId: ids.uid('req'), target: '/', scrubber });
  const { status } = ERROR_CATALOGUE[code];
  const body = JSON.stringify(problem.body);
  const headers = {
    ...problem.headers,
    'x-request-id': problem.body.requestId,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'), () => socket.destroy());
}
