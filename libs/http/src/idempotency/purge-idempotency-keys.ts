import type { Clock } from '#libs/kernel';
import { type IdempotencyStore, KEPT_MS } from './idempotency-store.js';

/** Forgets keys that moved no money and are older than 24 h; returns how many. Running it twice changes nothing. */
export function purgeIdempotencyKeys(store: IdempotencyStore, clock: Clock): Promise<number> {
  return store.purge(clock.now() - KEPT_MS);
}
