import { type EventData, refuse, refuseField } from '#libs/contracts';
import { assert, toInstant } from '#libs/kernel';
import { type AccountFact, type AccountState, type GrantTerms, isOpen, type Occasion } from './account-state.js';
import { balanceAt } from './balance.js';
import type { ChargeData } from './decide-charge.js';
import { evolveAccount } from './evolve-account.js';
import { expireGrants } from './expire-grants.js';
import { hasEnded } from './grants.js';
import { keyFields } from './key-fields.js';

/** A charge that is to be taken back, as it was made, and all that was taken back of it before. */
export interface ReversibleCharge {
  readonly charge: ChargeData;
  /** Sum of its reversals so far, 0n or more. Whoever decides must know every one up to the account's revision. */
  readonly reversed: bigint;
  /** Terms of the grants that paid; the account may have forgotten them. */
  readonly grants: readonly GrantTerms[];
}

export interface Reversal {
  readonly chargeUid: string;
  /** Credits, more than 0; null: all that is left. */
  readonly amount: bigint | null;
  readonly reason: string | null;
}

type ReversalData = EventData<'ChargeReversed'>;
type Restoration = Pick<ReversalData, 'overdraft' | 'allocations' | 'restored'>;

/**
 * Takes a charge back, whole or in part; ChargeReversed is the last fact. What it gives back is the stretch of the charge
 * that no earlier reversal has given back: the overdraft first, then the grants that paid, last first. Refuses
 * `not_found`, `validation_failed` (nothing to take back) and `already_reversed` (more than is left of the charge).
 */
export function decideReversal(
  account: AccountState,
  { charge, reversed, grants }: ReversibleCharge,
  reversal: Reversal,
  occasion: Occasion,
): AccountFact[] {
  const { at } = occasion;
  if (!isOpen(account)) throw refuse('not_found');
  if (reversal.amount !== null && reversal.amount <= 0n) throw refuseField('amount', 'must be at least 1');
  const left = BigInt(charge.amount) - reversed;
  const amount = reversal.amount ?? left;
  if (left <= 0n || amount > left) throw refuse('already_reversed');
  const { facts, state } = expireGrants(account, at);
  const { tokenUid, tokenPrefix, principal, operation } = charge;
  const data: ReversalData = {
    accountUid: state.uid,
    chargeUid: reversal.chargeUid,
    chargeNumber: (state.chargeNumber + 1n).toString(),
    reverses: charge.chargeUid,
    amount: (-amount).toString(),
    ...restore(charge, { from: reversed, amount, grants, at }),
    ...{ tokenUid, tokenPrefix, principal, operation },
    balanceAfter: '0',
    reason: reversal.reason,
    ...keyFields(occasion),
  };
  const after = evolveAccount(state, { type: 'ChargeReversed', data });
  facts.push({ type: 'ChargeReversed', data: { ...data, balanceAfter: balanceAt(after, at).toString() } });
  return facts;
}

interface Stretch {
  /** Credits of the charge, counted in the order in which they are given back, that went back before. */
  readonly from: bigint;
  readonly amount: bigint;
  readonly grants: readonly GrantTerms[];
  readonly at: number;
}

/** What goes where of a stretch of the charge. */
function restore(charge: ChargeData, stretch: Stretch): Restoration {
  const restoration = {
    overdraft: '0',
    allocations: [] as ReversalData['allocations'],
    restored: [] as ReversalData['restored'],
  };
  const paid = charge.allocations.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const overdraft = BigInt(charge.amount) - paid;
  let begin = overdraft;
  restoration.overdraft = overlap(stretch, 0n, overdraft).toString();
  for (const { grantUid, amount } of [...charge.allocations].reverse()) {
    const end = begin + BigInt(amount);
    const part = overlap(stretch, begin, end);
    begin = end;
    if (part === 0n) continue;
    const terms = stretch.grants.find((grant) => grant.uid === grantUid);
    assert(terms !== undefined, `the terms of grant ${grantUid} are known`);
    // What went to a grant that has ended would expire in the same instant.
    if (hasEnded(terms, stretch.at)) continue;
    restoration.allocations.push({ grantUid, amount: part.toString() });
    restoration.restored.push(termsText(terms));
  }
  return restoration;
}

function overlap({ from, amount }: Stretch, begin: bigint, end: bigint): bigint {
  const low = from > begin ? from : begin;
  const high = from + amount < end ? from + amount : end;
  return high > low ? high - low : 0n;
}

function termsText({
  uid,
  kind,
  effectiveAt,
  expiresAt,
  priority,
  order,
}: GrantTerms): ReversalData['restored'][number] {
  return {
    grantUid: uid,
    kind,
    effectiveAt: toInstant(effectiveAt),
    expiresAt: expiresAt === null ? null : toInstant(expiresAt),
    priority,
    order: order.toString(),
  };
}
