import type { FastifySchemaValidationError } from 'fastify';
import type { FieldError } from '#libs/kernel';
import { unknownField } from './refuse-invalid.js';

/** What ajv found, as the ledger names fields: `items[3].cost`. */
export function schemaFieldErrors(errors: readonly FastifySchemaValidationError[]): FieldError[] {
  const fields = errors.map(fieldErrorOf);
  return fields.filter(
    (field, index) => fields.findIndex((other) => other.field === field.field && other.code === field.code) === index,
  );
}

function fieldErrorOf(error: FastifySchemaValidationError): FieldError {
  const parent = fieldOf(error.instancePath);
  if (error.keyword === 'additionalProperties') {
    return unknownField(join(parent, String(error.params['additionalProperty'])));
  }
  if (error.keyword === 'required') {
    const field = join(parent, String(error.params['missingProperty']));
    return { field, code: 'validation_failed', message: 'is required' };
  }
  return { field: parent, code: 'validation_failed', message: error.message ?? 'is not as described' };
}

/** A JSON pointer (RFC 6901) as a path of fields. */
function fieldOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, segment) => (/^\d+$/.test(segment) ? `${path}[${segment}]` : join(path, segment)), '');
}

function join(parent: string, field: string): string {
  return parent === '' ? field : `${parent}.${field}`;
}
