import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '#libs/contracts';
import { combine } from '../combine.js';

export const ERROR_CODES_EXTENSION = 'x-error-codes';

/** Documents the refusals that a handler makes; those of authentication and validation are added by themselves. */
export function ApiResponses(...codes: readonly ErrorCode[]): MethodDecorator {
  return combine(ApiExtension(ERROR_CODES_EXTENSION, codes));
}
