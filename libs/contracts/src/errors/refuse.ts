import { LedgerError, type LedgerErrorOptions } from '#libs/kernel';
import type { ErrorCode } from './error-catalogue.js';

/** An expected refusal with a code of the catalogue: `throw refuse('not_found')`. */
export function refuse(code: ErrorCode, options: LedgerErrorOptions = {}): LedgerError<ErrorCode> {
  return new LedgerError(code, options);
}

/** A refusal for one bad field. */
export function refuseField(
  field: string,
  message: string,
  code: ErrorCode = 'validation_failed',
): LedgerError<ErrorCode> {
  return new LedgerError(code, { detail: `${field}: ${message}`, fields: [{ field, code, message }] });
}

/** True for an expected refusal, of the given code if one is named. */
export function isRefusal(error: unknown, code?: ErrorCode): error is LedgerError<ErrorCode> {
  return error instanceof LedgerError && (code === undefined || error.code === code);
}
