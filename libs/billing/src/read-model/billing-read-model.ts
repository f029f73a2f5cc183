import type { Projection } from '#libs/projections';
import { accountEntriesProjection } from './account-entries.projection.js';
import { AccountEntryEntity } from './account-entry.entity.js';
import { AccountEntity } from './account.entity.js';
import { accountsProjection } from './accounts.projection.js';

/** Entities for the app's DataSource. */
export const BILLING_ENTITIES = [AccountEntity, AccountEntryEntity] as const;

/** Projections for the engine; they fill the tables of `BillingReadModels1764000003000`. */
export const BILLING_PROJECTIONS: readonly Projection[] = [accountsProjection, accountEntriesProjection];
