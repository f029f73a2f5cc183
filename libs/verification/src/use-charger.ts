import type { Position, RevisionConflict } from '#libs/event-log';
import type { BornToken } from '#libs/tokens/domain';
import type { KeyedUse } from './free-use-keys.js';
import type { UsageAppend, UsageContext } from './usage-writer.js';
import type { UseRequest } from './domain/use-request.js';

export interface ChargeOfUse {
  /** Uid of the account that pays. */
  readonly account: string;
  readonly useId: string;
  readonly token: BornToken;
  readonly request: UseRequest;
  readonly key: { readonly keyHash: string; readonly fingerprint: string } | null;
  readonly context: UsageContext;
  /** The charge is stored only while no security event follows this position; null: whatever follows. */
  readonly securityAt: Position | null;
  /** The append of TokenUsed that is stored in one commit with the charge; asked again after a conflict. */
  readonly used: (chargeUid: string, useId: string, conflict: RevisionConflict | null) => UsageAppend;
}

export interface ChargedUse {
  readonly useId: string;
  readonly chargeUid: string;
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  readonly position: Position | null;
  /** True when the charge of this key was made before. */
  readonly replayed: boolean;
}

/**
 * Charges a use to an account, decided on the account's own stream. Refuses with `insufficient_credits`,
 * `idempotency_key_reused`, `verification_unavailable`; throws SecurityMoved.
 */
export abstract class UseCharger {
  abstract charge(use: ChargeOfUse): Promise<ChargedUse>;

  /**
   * The charged use that this key was given for; null when there is none, or none that has reached this node. Refuses
   * with `verification_unavailable`.
   */
  abstract chargedBefore(keyHash: string, account: string | null): Promise<KeyedUse | null>;
}
