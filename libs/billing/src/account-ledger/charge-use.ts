import type { CommandContext } from '#libs/contracts';
import type { Position, RevisionConflict } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { type Charge, type ChargeData, chargeOf, decideCharge } from '../domain/index.js';
import type { AccountLedger } from './account-ledger.js';
import type { NextAppend } from './append-batch.js';
import { rememberingUse } from './remembered-use.js';

/** A use of a token that costs something. */
export interface UseCharge {
  /** The account that pays. */
  readonly accountUid: string;
  /** Credits, more than 0. */
  readonly amount: bigint;
  readonly useId: string;
  readonly tokenUid: string;
  readonly tokenPrefix: string;
  /** Uid of who used the token. */
  readonly principal: string;
  readonly operation: string | null;
  /** `idempotency` is the key of the use; without it each call is a new use. */
  readonly context: CommandContext;
  /** Of the decision that the token is good; null: it does not rest on one, or was confirmed before. */
  readonly securityAt: Position | null;
  /**
   * The append of the TokenUsed of this charge: stored with it in one commit. Called again for a charge that is decided
   * again; `conflict` tells why, and names the stream, which may be that of the last TokenUsed.
   */
  used(charge: ChargeData, conflict: RevisionConflict | null): NextAppend;
}

export interface ChargedUse {
  /** As it was recorded; of a retry the first one, with its `useId`. */
  readonly charge: ChargeData;
  readonly position: Position;
  /** True when the charge of this key was made before. */
  readonly replayed: boolean;
}

/**
 * Charges a use. Refuses `insufficient_credits`, `idempotency_key_reused`, `not_found` (there is no such account) and
 * `verification_unavailable`. Throws SecurityMoved when `securityAt` is not the head of the security events any more.
 */
export async function chargeUse(ledger: AccountLedger, use: UseCharge): Promise<ChargedUse> {
  const { accountUid, context } = use;
  const charge: Charge = {
    chargeUid: context.ids.uid('chg'),
    kind: 'use',
    amount: use.amount,
    useId: use.useId,
    tokenUid: use.tokenUid,
    tokenPrefix: use.tokenPrefix,
    principal: use.principal,
    operation: use.operation,
    quantity: null,
    reason: null,
  };
  const { fact, position, replayed } = await ledger.execute({
    accountUid,
    context,
    unavailable: 'verification_unavailable',
    ...(use.securityAt === null ? {} : { securityAt: use.securityAt }),
    decide: ({ state }, conflict) => {
      const facts = decideCharge(state, charge, context);
      const used = use.used(chargeOf(facts), conflict);
      return { facts: ledger.mayPartUses ? rememberingUse(facts, used) : facts, also: [used] };
    },
  });
  assert(fact !== null && position !== null, 'a charge is always recorded');
  return { charge: chargeOf([fact]), position, replayed };
}
