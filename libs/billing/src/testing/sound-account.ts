import { expect } from '@jest/globals';
import type { RecordedEvent } from '#libs/event-log';
import { fromInstant } from '#libs/kernel';
import { type AccountFact, type AccountState, balanceAt, evolveAccount, initialAccount } from '../domain/index.js';
import { ACME } from './account-facts.js';

/**
 * Fails unless the events are those of an account that was never decided on a state that was not its own: contiguous
 * numbers, no key and no use twice, each balance the one that the events before it give, none below the limit.
 * Gives the account after them.
 */
export function expectSound(events: readonly RecordedEvent[], uid = ACME): AccountState {
  let state = initialAccount(uid);
  let lastNumber = 0n;
  const seen = { keys: new Set<string>(), uses: new Set<string>() };
  for (const event of events) {
    const fact = event as unknown as AccountFact;
    state = evolveAccount(state, fact);
    const { data } = fact;
    if ('balanceAfter' in data) {
      const at = fact.type === 'GrantExpired' ? fact.data.expiredAt : (event.metadata['occurredAt'] ?? '');
      expect(data.balanceAfter).toBe(balanceAt(state, fromInstant(at)).toString());
    }
    if (!('chargeNumber' in data)) continue;
    expect(BigInt(data.chargeNumber)).toBe(lastNumber + 1n);
    lastNumber += 1n;
    if (fact.type === 'ChargeReversed') continue;
    if (state.limit !== null) expect(BigInt(data.balanceAfter)).toBeGreaterThanOrEqual(-state.limit);
    expectNew(seen.keys, data.idempotencyKeyHash);
    expectNew(seen.uses, 'useId' in data ? data.useId : null);
  }
  return state;
}

function expectNew(seen: Set<string>, value: string | null): void {
  if (value === null) return;
  expect(seen.has(value)).toBe(false);
  seen.add(value);
}
