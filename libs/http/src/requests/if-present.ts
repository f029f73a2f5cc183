import { ValidateIf } from 'class-validator';

/**
 * The field may be absent. Unlike `@IsOptional()`, which lets null pass unseen, null goes through the other checks of
 * the field and fails them.
 */
export function IfPresent(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}
