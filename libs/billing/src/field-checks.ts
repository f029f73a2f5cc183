import { parseInstant } from '#libs/kernel';
import { IsString, Length, Matches, ValidateBy, ValidateIf } from 'class-validator';

/** What an amount looks like on the wire. */
export const AMOUNT = /^(0|[1-9][0-9]{0,14})$/;

/** Several checks of one field under one name. */
function together(...checks: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, property) => checks.forEach((check) => check(target, property));
}

/** Credits as an integer string; a JSON number, which may have lost digits on its way, is refused. */
export function IsAmount(): PropertyDecorator {
  return Matches(AMOUNT, { message: '$property must be an integer in a string, such as "100", of at most 15 digits' });
}

/** An RFC 3339 instant, or a date, which is its 00:00:00Z. */
export function IsInstant(): PropertyDecorator {
  return ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value) => typeof value === 'string' && parseInstant(value) !== null,
      defaultMessage: () => '$property must be an RFC 3339 instant or a date',
    },
  });
}

/** Text with at least one visible character. */
export function IsText(lengthMax: number): PropertyDecorator {
  return together(IsString(), Length(1, lengthMax), Matches(/\S/, { message: '$property must not be blank' }));
}

/** Null says the same as absence; anything else goes through the other checks of the field. */
export function IfNotNull(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined && value !== null);
}
