import { refuseField, type TokenAccess } from '#libs/contracts';

/** Access as a caller asks for it; what is absent stays as it is, and is nothing for a new token. */
export interface AccessWish {
  readonly operations?: boolean | undefined;
  readonly endpoints?: 'all' | readonly string[] | undefined;
}

export const NO_ACCESS: TokenAccess = { operations: false, endpoints: [] };
/** A token of the installation is for whoever runs it. */
export const FULL_ACCESS: TokenAccess = { operations: true, endpoints: 'all' };

/** The access after a wish. Refuses `validation_failed` when the token would reach nothing at all. */
export function accessAfter(current: TokenAccess, wish: AccessWish): TokenAccess {
  const { operations = current.operations, endpoints = current.endpoints } = wish;
  const access: TokenAccess = { operations, endpoints: endpoints === 'all' ? endpoints : distinct(endpoints) };
  if (!operations && endpoints.length === 0) {
    throw refuseField('access', 'choose operations, endpoints or both: without either the token is good for nothing');
  }
  return access;
}

/** Each item once, in the order of its first place. */
export function distinct(items: readonly string[]): string[] {
  return [...new Set(items)];
}
