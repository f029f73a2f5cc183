import type { Role, Settings } from '#libs/config';

/** What this process does of all that a ledger needs. */
export interface Duties {
  readonly role: Role;
  /** Answers the API. Otherwise it listens for health checks and metrics alone. */
  readonly serves: boolean;
  /** Runs jobs. */
  readonly works: boolean;
  /** Keeps the read models at the end of the log. */
  readonly follows: boolean;
}

export function dutiesOf({ role, jobs }: Pick<Settings, 'role' | 'jobs'>): Duties {
  return {
    role,
    serves: role === 'all' || role === 'api',
    works: role === 'worker' || (role === 'all' && jobs),
    follows: role === 'all' || role === 'projector',
  };
}
