import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldInMemory } from '#libs/projections/testing';
import { balanceAt, restoreAccount, type AccountSnapshot } from '../domain/index.js';
import { ACME, uid } from '../testing/account-facts.js';
import { asks, historyOf } from '../testing/account-history.js';
import { recordedEvents } from '../testing/recorded.js';
import { BILLING_PROJECTIONS } from './billing-read-model.js';

const fold = (all: Parameters<typeof historyOf>[0]) => {
  const history = historyOf(all, '25');
  const tables = foldInMemory(BILLING_PROJECTIONS, recordedEvents(history.steps));
  return { history, accounts: tables.get('accounts')!, entries: tables.get('account_entries')! };
};

describe('the projection of accounts', () => {
  it('keeps of an account exactly the state that its events give', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const { history, accounts } = fold(all);
        const row = accounts.get(ACME)!;
        expect(restoreAccount(row['state'] as unknown as AccountSnapshot)).toEqual(history.state);
        expect(row).toMatchObject({
          revision: history.state.revision.toString(),
          position: (history.state.revision * 2n + 1n).toString(),
          mode: history.state.mode,
          credit_limit: history.state.limit?.toString() ?? null,
          charge_number: history.state.chargeNumber.toString(),
          balance: balanceAt(history.state, history.steps.at(-1)!.at).toString(),
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('the projection of an account', () => {
  it('refuses an event twice, and one after a gap, so that it is quarantined and not wrong', () => {
    const events = recordedEvents(historyOf([{ kind: 'charge', afterMs: 0, amount: 5 }], null).steps);
    expect(() => foldInMemory(BILLING_PROJECTIONS, [events[0]!, events[0]!])).toThrow(/is at 0 when 0 comes/);
    expect(() => foldInMemory(BILLING_PROJECTIONS, [events[1]!])).toThrow(/is at -1 when 1 comes/);
  });
});

describe('the projection of entries', () => {
  it('holds where every grant, charge and reversal stands, once, with what it is found by', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const { history, entries } = fold(all);
        const kept = recordedEvents(history.steps).filter(
          ({ type }) => !/^(AccountOpened|AccountModeChanged|GrantExpired)$/.test(type),
        );
        const expected = kept.map(({ data, revision }) => {
          const { chargeUid, grantUid, idempotencyKeyHash, reverses } = data as Record<string, string | null>;
          return {
            uid: chargeUid ?? grantUid,
            account_uid: ACME,
            revision: revision.toString(),
            key_hash: idempotencyKeyHash,
            reverses: reverses ?? null,
          };
        });
        expect([...entries.values()]).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('remembers the key of a charge', () => {
    const { history } = fold([{ kind: 'charge', afterMs: 3, amount: 5 }]);
    const [first, event] = recordedEvents(history.steps);
    const data = { ...event!.data, idempotencyKeyHash: 'a'.repeat(64), fingerprint: 'b'.repeat(64) } as never;
    const [row] = foldInMemory(BILLING_PROJECTIONS, [first!, { ...event!, data }])
      .get('account_entries')!
      .values();
    expect(row).toMatchObject({ uid: uid('chg', 1), revision: '1', key_hash: 'a'.repeat(64) });
  });
});
