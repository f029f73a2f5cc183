import type { TokenType } from './events/index.js';

/** Settings of the installation; an organization or a user may hold narrower ones. */
export interface LedgerSettings {
  /** Active tokens allowed for each owner, by type. */
  readonly maxActiveTokens: Readonly<Record<TokenType, number>>;
  readonly maxLifetimeDays: number;
  readonly neverExpires: 'with_reason' | 'forbidden';
  /** Days without use after which a used token is flagged. */
  readonly unusedAfterDays: number;
  /** Days after creation after which a token that was never used is flagged. */
  readonly neverUsedAfterDays: number;
}

export const DEFAULT_SETTINGS: LedgerSettings = {
  maxActiveTokens: { personal: 5, organization: 50, client: 2000, frontend: 2000, admin: 2000, monitoring: 2000 },
  maxLifetimeDays: 365,
  neverExpires: 'with_reason',
  unusedAfterDays: 90,
  neverUsedAfterDays: 30,
};
