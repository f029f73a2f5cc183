import type { AccountEventType, AccountMode, CommandContext, EventData, Fact } from '#libs/contracts';

export type AccountFact = Fact<AccountEventType>;
export type GrantKind = EventData<'CreditsGranted'>['kind'];

/** What a grant is, apart from how much of it is left. */
export interface GrantTerms {
  readonly uid: string;
  readonly kind: GrantKind;
  /** Epoch milliseconds, inclusive. */
  readonly effectiveAt: number;
  /** Epoch milliseconds, exclusive; null: never ends. */
  readonly expiresAt: number | null;
  /** 0 to 100; lower is consumed first. */
  readonly priority: number;
  /** Revision of its CreditsGranted: the older grant has the lower one. */
  readonly order: bigint;
}

export interface Grant extends GrantTerms {
  /** Credits left, more than 0. */
  readonly remaining: bigint;
}

/**
 * An account as its events leave it. Bounded by the grants that have credits left: what was used up is forgotten, and
 * charges are not kept at all. Of every account event exactly the ones up to `revision` are in it.
 */
export interface AccountState {
  /** Uid of the organization, or of the user whose personal credits these are. */
  readonly uid: string;
  /** Of the last event in it; -1n: the account was never opened. */
  readonly revision: bigint;
  readonly unit: string;
  readonly mode: AccountMode;
  /** How far the balance may fall below zero; null: without limit. */
  readonly limit: bigint | null;
  /** In the order of consumption; also those that are not effective yet. */
  readonly grants: readonly Grant[];
  /** What was charged beyond the grants of its time. A later grant does not pay it: it adds to the balance. */
  readonly overdraft: bigint;
  /** Number of the last charge or reversal; 0n: there was none. */
  readonly chargeNumber: bigint;
}

/** When and under which key a decision is made. A command's context is one. */
export type Occasion = Pick<CommandContext, 'at' | 'idempotency'>;

/** The state of an account that was not opened yet. */
export function initialAccount(uid: string): AccountState {
  return {
    uid,
    revision: -1n,
    unit: '',
    mode: 'prepaid',
    limit: 0n,
    grants: [],
    overdraft: 0n,
    chargeNumber: 0n,
  };
}

/** True once the account was opened. */
export function isOpen(state: AccountState): boolean {
  return state.revision >= 0n;
}
