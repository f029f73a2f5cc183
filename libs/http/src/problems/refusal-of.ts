import { HttpException } from '@nestjs/common';
import type { FastifySchemaValidationError } from 'fastify';
import { ERROR_CATALOGUE, type ErrorCode, isRefusal, refuse } from '#libs/contracts';
import { LogUnavailable, RevisionConflict } from '#libs/event-log';
import type { LedgerError } from '#libs/kernel';
import { refuseInvalid } from './refuse-invalid.js';
import { schemaFieldErrors } from './schema-field-errors.js';

/** Codes for statuses that the framework answers with by itself. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'missing_token',
  403: 'permission_denied',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'body_too_large',
  // A segment longer than any name of the ledger names nothing.
  414: 'not_found',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
};

/** The database refuses connections, is starting, or is going down: a matter of trying again, not a mistake of ours. */
const STORE_AWAY_CODE = /^(?:08...|53300|57P0[123])$/;
const CONNECTION_CODE = /^(?:ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/;
const CONNECTION_TEXT =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * The refusal that an error stands for; null when it is a mistake of the program, whose text nobody outside may see.
 * Texts of the framework are never passed on either: they can quote the request.
 */
export function refusalOf(error: unknown): LedgerError<ErrorCode> | null {
  if (isRefusal(error)) return Object.hasOwn(ERROR_CATALOGUE, error.code) ? error : null;
  if (error instanceof RevisionConflict) return refuse('not_ready', { headers: { 'retry-after': '1' }, cause: error });
  if (error instanceof LogUnavailable) return refuse('not_ready', { cause: error });
  if (error instanceof HttpException) return refusalOfFramework(error.getStatus(), error.cause ?? error);
  if (!(error instanceof Error)) return null;
  if (isSchemaError(error)) return refuseInvalid(schemaFieldErrors(error.validation));
  if (isStoreAway(error)) return refuse('not_ready', { cause: error });
  const { statusCode } = error as { statusCode?: unknown };
  return typeof statusCode === 'number' ? refusalOfFramework(statusCode, error) : null;
}

function refusalOfFramework(status: number, cause: unknown): LedgerError<ErrorCode> | null {
  if (status === 503) return refuse('not_ready', { cause });
  if (status < 400 || status >= 500) return null;
  return refuse(CODE_OF_STATUS[status] ?? 'invalid_request', { cause });
}

function isSchemaError(error: Error): error is Error & { validation: FastifySchemaValidationError[] } {
  return Array.isArray((error as { validation?: unknown }).validation);
}

function isStoreAway(error: Error): boolean {
  const { code, syscall, driverError } = error as { code?: unknown; syscall?: unknown; driverError?: unknown };
  if (driverError instanceof Error && driverError !== error) return isStoreAway(driverError);
  if (CONNECTION_TEXT.test(error.message)) return true;
  if (typeof code !== 'string') return false;
  return STORE_AWAY_CODE.test(code) || (CONNECTION_CODE.test(code) && isSocketCall(syscall));
}

/** The same codes come from files, where they are mistakes of ours. */
function isSocketCall(syscall: unknown): boolean {
  return syscall === 'connect' || syscall === 'read' || syscall === 'write';
}
