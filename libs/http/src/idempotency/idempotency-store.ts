import { DAY_MS, type Json } from '#libs/kernel';

/** How long a key is kept that moved no money: older, it is as good as never used. */
export const KEPT_MS = DAY_MS;

/** A command that is to be made at most once, as its client names it. */
export interface IdempotencyClaim {
  /** `type:uid` of the actor: keys of different callers never meet, and a rotated token keeps its keys. */
  readonly caller: string;
  /** SHA-256 (hex) of caller and key. */
  readonly keyHash: string;
  /** SHA-256 (hex) of method, path and canonical body. */
  readonly fingerprint: string;
  /** Random; kept from the first claim on, so that a retry draws the same ids. */
  readonly seed: string;
  /** Instant of the command, epoch milliseconds; kept from the first claim on. */
  readonly atMs: number;
  /** Kept for ever when true, 24 h otherwise. */
  readonly money: boolean;
}

/** The answer that is given again. Never holds a secret. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without a body. */
  readonly body: Json | undefined;
}

/** What the store knew of a key. `seed` and `atMs` are those of the first claim. */
export type ClaimResult =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'pending'; readonly fingerprint: string; readonly seed: string; readonly atMs: number }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: StoredAnswer };

/**
 * Remembers which idempotency keys were used, and what was answered. An abstract class, because it is an injection
 * token too. Every adapter passes the whole contract suite (`testing/idempotency-store-contract.ts`).
 */
export abstract class IdempotencyStore {
  /**
   * Claims a key, or tells what it was claimed for. Of parallel claims of one key exactly one is `claimed`. A key that
   * moved no money, claimed more than `KEPT_MS` before the instant of this claim, is claimed anew.
   */
  abstract claim(claim: IdempotencyClaim): Promise<ClaimResult>;
  /** Keeps the answer of a claimed key. Does nothing when one is kept already, or the claim is gone. */
  abstract keepAnswer(caller: string, keyHash: string, answer: StoredAnswer): Promise<void>;
  /** Gives a claimed key back, as if it had never been used. Does nothing once an answer is kept. */
  abstract release(caller: string, keyHash: string): Promise<void>;
  /** Forgets keys that moved no money and were claimed before the instant (epoch ms); returns how many. */
  abstract purge(beforeMs: number): Promise<number>;
}
