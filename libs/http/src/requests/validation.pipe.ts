import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { FieldError } from '#libs/kernel';
import { refuseInvalid, unknownField } from '../problems/refuse-invalid.js';

/** Checks body, query and path parameters against their DTO classes, and names every bad field. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    // Kept, because only the value tells an index of an array from a member that is named like one.
    validationError: { target: false, value: true },
    exceptionFactory: (errors) => refuseInvalid(fieldErrorsOf(errors)),
  });
}

/** What class-validator found, as the ledger names fields: `items[3].cost`. */
export function fieldErrorsOf(errors: readonly ValidationError[], parent = '', inArray = false): FieldError[] {
  return errors.flatMap((error) => {
    const field = fieldName(error.property, parent, inArray);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => fieldErrorOf(field, rule, message));
    return [...own, ...fieldErrorsOf(error.children ?? [], field, Array.isArray(error.value))];
  });
}

/** The name of a member of what `parent` names: `items[3].cost`. */
export function fieldName(property: string, parent: string, inArray: boolean): string {
  if (inArray && /^\d+$/.test(property)) return `${parent}[${property}]`;
  return parent === '' ? property : `${parent}.${property}`;
}

function fieldErrorOf(field: string, rule: string, message: string): FieldError {
  if (rule === 'whitelistValidation') return unknownField(field);
  return { field, code: 'validation_failed', message };
}
