import { SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ManagementScope } from '#libs/contracts';
import { combine } from '../combine.js';

/** What a call demands of its caller: nothing, any good credential, one for management calls, or a management scope. */
export type Access = 'public' | 'any' | 'operations' | ManagementScope;

export const ACCESS_METADATA = 'ledger:access';
/** Carries the access into the OpenAPI document. */
export const ACCESS_EXTENSION = 'x-access';

/** The handler answers without any credential. */
export function Public(): MethodDecorator & ClassDecorator {
  return access('public');
}

/**
 * The handler needs a credential with `access.operations` and the scope; with `'operations'`, any scope of a management
 * call will do: what every signed-in caller may know. `'any'` takes every good credential.
 * An application with a handler that has neither this nor `@Public()` does not start.
 */
export function Requires(scope: Exclude<Access, 'public'>): MethodDecorator & ClassDecorator {
  return access(scope);
}

function access(value: Access): MethodDecorator & ClassDecorator {
  return combine(SetMetadata(ACCESS_METADATA, value), ApiExtension(ACCESS_EXTENSION, value));
}
