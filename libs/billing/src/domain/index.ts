export {
  type AccountFact,
  type AccountState,
  type Grant,
  type GrantKind,
  type GrantTerms,
  initialAccount,
  isOpen,
  type Occasion,
} from './account-state.js';
export { type AccountSnapshot, restoreAccount, snapshotOf } from './account-snapshot.js';
export { balanceAt } from './balance.js';
export { type Charge, type ChargeData, chargeOf, decideCharge } from './decide-charge.js';
export { type CreditGrant, decideGrant } from './decide-grant.js';
export { decideReversal, type Reversal, type ReversibleCharge } from './decide-reversal.js';
export { type AccountTerms, decideTerms } from './decide-terms.js';
export { evolveAccount, type FoldedEvent, grantTermsOf } from './evolve-account.js';
