import { applyDecorators } from '@nestjs/common';

/** Several decorators as one that fits methods and classes. */
export function combine(
  ...decorators: readonly (MethodDecorator | ClassDecorator)[]
): MethodDecorator & ClassDecorator {
  return applyDecorators(...decorators);
}
