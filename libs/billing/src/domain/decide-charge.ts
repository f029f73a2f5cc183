import { type Allocation, type EventData, refuse, refuseField } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { type AccountFact, type AccountState, isOpen, type Occasion } from './account-state.js';
import { balanceAt } from './balance.js';
import { expireGrants } from './expire-grants.js';
import { counts } from './grants.js';

export type ChargeData = EventData<'OrgCharged'>;

/** What is to be charged. */
export interface Charge extends Pick<
  ChargeData,
  'chargeUid' | 'kind' | 'useId' | 'tokenUid' | 'tokenPrefix' | 'principal' | 'operation' | 'quantity' | 'reason'
> {
  /** Credits, more than 0. */
  readonly amount: bigint;
}

/**
 * Charges an account: the grants that count at the occasion pay in the order of consumption, the overdraft the rest.
 * The charge is the last fact. Refuses `not_found`, `validation_failed` (nothing to charge) and `insufficient_credits`
 * when the balance would fall below minus the limit.
 */
export function decideCharge(account: AccountState, charge: Charge, occasion: Occasion): AccountFact[] {
  const { at } = occasion;
  const { amount } = charge;
  if (!isOpen(account)) throw refuse('not_found');
  if (amount <= 0n) throw refuseField('amount', 'must be at least 1');
  const { facts, state } = expireGrants(account, at);
  const balance = balanceAt(state, at);
  const { limit } = state;
  if (limit !== null && balance - amount < -limit) throw refuse('insufficient_credits');
  const allocations = allocate(state, amount, at);
  const data = chargeData(state, charge, { allocations, balanceAfter: balance - amount, occasion });
  facts.push({ type: state.uid.startsWith('org_') ? 'OrgCharged' : 'UserCharged', data });
  return facts;
}

interface ChargeResult {
  readonly allocations: Allocation[];
  readonly balanceAfter: bigint;
  readonly occasion: Occasion;
}

/** Member by member: the same object made by spreading others costs more than the rest of the decision. */
function chargeData(
  state: AccountState,
  charge: Charge,
  { allocations, balanceAfter, occasion }: ChargeResult,
): ChargeData {
  return {
    accountUid: state.uid,
    chargeUid: charge.chargeUid,
    chargeNumber: (state.chargeNumber + 1n).toString(),
    kind: charge.kind,
    useId: charge.useId,
    tokenUid: charge.tokenUid,
    tokenPrefix: charge.tokenPrefix,
    principal: charge.principal,
    operation: charge.operation,
    quantity: charge.quantity,
    amount: charge.amount.toString(),
    allocations,
    balanceAfter: balanceAfter.toString(),
    reason: charge.reason,
    idempotencyKeyHash: occasion.idempotency?.keyHash ?? null,
    fingerprint: occasion.idempotency?.fingerprint ?? null,
  };
}

/** The charge that decideCharge made. */
export function chargeOf(facts: readonly AccountFact[]): ChargeData {
  const last = facts[facts.length - 1];
  assert(last?.type === 'OrgCharged' || last?.type === 'UserCharged', 'a charge is the last fact of its decision');
  return last.data;
}

function allocate(state: AccountState, amount: bigint, at: number): Allocation[] {
  const allocations: Allocation[] = [];
  let open = amount;
  for (const grant of state.grants) {
    if (open === 0n) break;
    if (!counts(grant, at)) continue;
    const part = grant.remaining < open ? grant.remaining : open;
    allocations.push({ grantUid: grant.uid, amount: part.toString() });
    open -= part;
  }
  return allocations;
}
