import type { AccountLedger } from '#libs/billing';
import type { Logger } from 'pino';
import type { JobBackend } from '#libs/jobs';
import type { TokenHasher, TokenSecrets } from '#libs/tokens';
import type { Store } from './open-store.js';
import type { VerificationParts } from './verification-parts.js';

/** What the server has opened and joined, before Nest's container is made. */
export interface Services {
  readonly store: Store;
  readonly tokenSecrets: TokenSecrets;
  readonly hasher: TokenHasher;
  readonly accounts: AccountLedger;
  readonly verification: VerificationParts;
  readonly jobBackend: JobBackend;
  readonly logger: Logger;
}
