import type { EventData, EventType, Fact } from '#libs/contracts';
import { fromInstant, unreachable } from '#libs/kernel';
import type { AccountFact, AccountState, Grant, GrantTerms } from './account-state.js';
import { withCredits, withGrant, withoutCredits } from './grants.js';

/** What the fold reads of an event: a recorded event, a new one and a bare fact all fit. */
export interface FoldedEvent {
  readonly type: EventType;
  readonly data: Fact['data'];
}

/**
 * The account after its next event. Throws InvariantViolation for an event that is not one of an account: a server that
 * is older than the event must not guess what it means for a balance.
 */
export function evolveAccount(state: AccountState, event: FoldedEvent): AccountState {
  const fact = event as AccountFact;
  const revision = state.revision + 1n;
  switch (fact.type) {
    case 'AccountOpened':
      return { ...state, revision, unit: fact.data.unit, ...termsOf(fact.data) };
    case 'AccountModeChanged':
      return { ...state, revision, ...termsOf(fact.data.after) };
    case 'CreditsGranted':
      return { ...state, revision, grants: withGrant(state.grants, grantOf(fact.data, revision)) };
    case 'GrantExpired': {
      const { grantUid, amount } = fact.data;
      return { ...state, revision, grants: withoutCredits(state.grants, grantUid, BigInt(amount)) };
    }
    case 'OrgCharged':
    case 'UserCharged':
      return charged(state, revision, fact.data);
    case 'ChargeReversed':
      return reversed(state, revision, fact.data);
    default:
      return unreachable(fact, 'event of an account');
  }
}

function termsOf({ mode, limit }: EventData<'AccountModeChanged'>['after']): Pick<AccountState, 'mode' | 'limit'> {
  return { mode, limit: limit === null ? null : BigInt(limit) };
}

function grantOf(data: EventData<'CreditsGranted'>, revision: bigint): Grant {
  return { ...grantTermsOf({ ...data, order: revision.toString() }), remaining: BigInt(data.amount) };
}

/** The terms of a grant as events hold them. */
export function grantTermsOf(data: EventData<'ChargeReversed'>['restored'][number]): GrantTerms {
  const { grantUid: uid, kind, effectiveAt, expiresAt, priority, order } = data;
  return {
    uid,
    kind,
    effectiveAt: fromInstant(effectiveAt),
    expiresAt: expiresAt === null ? null : fromInstant(expiresAt),
    priority,
    order: BigInt(order),
  };
}

function charged(state: AccountState, revision: bigint, data: EventData<'OrgCharged'>): AccountState {
  let { grants } = state;
  let beyond = BigInt(data.amount);
  for (const { grantUid, amount } of data.allocations) {
    const part = BigInt(amount);
    grants = withoutCredits(grants, grantUid, part);
    beyond -= part;
  }
  const overdraft = state.overdraft + beyond;
  return { ...state, revision, grants, overdraft, chargeNumber: BigInt(data.chargeNumber) };
}

function reversed(state: AccountState, revision: bigint, data: EventData<'ChargeReversed'>): AccountState {
  let { grants } = state;
  data.allocations.forEach(({ amount }, index) => {
    const terms = data.restored[index];
    if (terms !== undefined) grants = withCredits(grants, grantTermsOf(terms), BigInt(amount));
  });
  const overdraft = state.overdraft - BigInt(data.overdraft);
  return { ...state, revision, grants, overdraft, chargeNumber: BigInt(data.chargeNumber) };
}
