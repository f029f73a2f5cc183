import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

export interface WholeNumberBounds {
  readonly minimum: number;
  readonly maximum: number;
  /** What the class gives the field; for the document. */
  readonly default: number;
}

/** Digits as a person writes a number. `Number()` takes `1e1`, `+5`, `05`, `0x10` and blanks as well. */
const DIGITS = /^(?:0|[1-9][0-9]{0,14})$/;

/** A field of a query that is an integer and may be absent. */
export function WholeNumber(bounds: WholeNumberBounds): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'integer', ...bounds }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && DIGITS.test(value) ? Number(value) : value,
    ),
    IsInt(),
    Min(bounds.minimum),
    Max(bounds.maximum),
  );
}
