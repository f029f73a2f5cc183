export { type AccountCommand, type AccountDecision, type AccountOutcome } from './account-ledger/account-command.js';
export { AccountLedger, type AccountLedgerOptions } from './account-ledger/account-ledger.js';
export {
  AccountReadModel,
  type ChargeEntry,
  type KeyedEntries,
  type RecordedEntry,
} from './account-ledger/account-read-model.js';
export type { NextAppend } from './account-ledger/append-batch.js';
export { type ChargedUse, chargeUse, type UseCharge } from './account-ledger/charge-use.js';
export type { AccountView, DurableAccount } from './account-ledger/live-account.js';
export { CompleteUsesJob } from './complete-uses/complete-uses.job.js';
export { CompletionProgressTable } from './complete-uses/completion-progress.js';
export { UseCompleter } from './complete-uses/use-completer.js';
export { UseCompletion1764000003100 } from './complete-uses/use-completion.migration.js';
export { AccountEntity } from './read-model/account.entity.js';
export { AccountEntryEntity } from './read-model/account-entry.entity.js';
export { AccountTables } from './read-model/account-tables.js';
export { BILLING_ENTITIES, BILLING_PROJECTIONS } from './read-model/billing-read-model.js';
export { BillingReadModels1764000003000 } from './read-model/billing-read-models.js';
export { BillingModule } from './billing.module.js';
export { UpdateAccount } from './update-account/update-account.command.js';
export { ReverseCharge } from './reverse-charge/reverse-charge.command.js';
export { GrantCredits } from './grant-credits/grant-credits.command.js';
export { ChargeAccount } from './charge-account/charge-account.command.js';
