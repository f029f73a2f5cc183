import { refuse } from '#libs/contracts';
import type { User } from './user.js';

/** The user that a command names, and whether the caller may know that it exists. */
export interface UserTarget {
  readonly user: User | null;
  readonly visible: boolean;
}

/** The user, if the caller may know of it; else the same `not_found` as if there were none. */
export function visibleUser({ user, visible }: UserTarget): User {
  if (user === null || !visible) throw refuse('not_found');
  return user;
}
