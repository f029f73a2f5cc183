import type { Occasion } from './account-state.js';

/** The members of an event that remember the idempotency key of its command. */
export function keyFields({ idempotency }: Occasion): {
  readonly idempotencyKeyHash: string | null;
  readonly fingerprint: string | null;
} {
  return {
    idempotencyKeyHash: idempotency?.keyHash ?? null,
    fingerprint: idempotency?.fingerprint ?? null,
  };
}
