import { type ErrorCode, refuse, refuseField } from '#libs/contracts';
import type { FieldError, LedgerError } from '#libs/kernel';

const FIELDS_MAX = 50;

/**
 * The refusal of a request with bad fields: `unknown_field` when one of them is unknown, else `validation_failed`. What is
 * wrong with the body as a whole has no name: it stands in the detail, and not in the list of fields.
 */
export function refuseInvalid(fields: readonly FieldError[]): LedgerError<ErrorCode> {
  const code = fields.some((field) => field.code === 'unknown_field') ? 'unknown_field' : 'validation_failed';
  const shown = fields.slice(0, FIELDS_MAX);
  const named = shown.filter(({ field }) => field !== '');
  const detail = shown
    .slice(0, 3)
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ');
  return refuse(code, {
    detail: detail === '' ? 'The request is not as described.' : detail,
    ...(named.length === 0 ? {} : { fields: named }),
  });
}

/** The error of a field that the call does not declare. */
export function unknownField(field: string): FieldError {
  return { field, code: 'unknown_field', message: 'is not known to this call' };
}

/** The refusal of a field whose text holds a token string. */
export function refuseSecret(field: string): LedgerError<ErrorCode> {
  return refuseField(field, 'holds a token string, which would be recorded', 'secret_in_request');
}

/** The refusal of a request whose body as a whole is not as described. */
export function refuseBody(message: string): LedgerError<ErrorCode> {
  return refuseInvalid([{ field: '', code: 'validation_failed', message }]);
}
