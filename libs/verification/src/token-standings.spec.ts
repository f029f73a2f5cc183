import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { statusAt, type BornToken } from '#libs/tokens/domain';
import { sampleToken } from './testing/sample-token.js';
import { TokenTable } from './token-table.js';

const NOW = Date.UTC(2026, 10, 25, 8);
const DAY = 86_400_000;
const SPANS = [DAY, 7 * DAY, 30 * DAY];

const instants = fc.constantFrom(-DAY, -1, 0, 1, DAY - 1, DAY, DAY + 1, 7 * DAY, 7 * DAY + 1, 30 * DAY, 31 * DAY, null);
const tokens = fc.array(
  fc.record({
    type: fc.constantFrom<BornToken['type']>('personal', 'organization', 'admin', 'monitoring'),
    expiresIn: instants,
    standing: fc.constantFrom<Partial<BornToken>>(
      { phase: 'live', disabled: false },
      { phase: 'live', disabled: true },
      { phase: 'expired' },
      { phase: 'revoked' },
    ),
    // Some of the same number: a token that changes.
    number: fc.nat(2_000),
  }),
  { maxLength: 40 },
);

describe('numbers of tokens', () => {
  it('are by the clock what statusAt says of each token, in a table and in its image', () => {
    fc.assert(
      fc.property(tokens, (drawn) => {
        const table = new TokenTable();
        const newest = new Map<number, BornToken>();
        for (const { type, expiresIn, standing, number } of drawn) {
          const expiresAtMs = expiresIn === null ? Number.POSITIVE_INFINITY : NOW + expiresIn;
          const expiresAt = expiresIn === null ? null : new Date(expiresAtMs).toISOString();
          const token = sampleToken(number, { type, expiresAt, expiresAtMs, ...standing });
          newest.set(number, token);
          table.set(token);
        }
        const all = [...newest.values()];
        for (const each of [table, TokenTable.from(table.image())]) {
          const { standing, expiring } = each.countsAt(NOW, SPANS);
          for (const { type, status, count } of standing) {
            const expected = all.filter((token) => token.type === type && statusAt(token, NOW) === status);
            expect({ type, status, count }).toEqual({ type, status, count: expected.length });
          }
          expect(standing.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
          const live = all.filter((token) => ['active', 'disabled'].includes(statusAt(token, NOW)));
          expect(expiring).toEqual(SPANS.map((span) => live.filter((it) => it.expiresAtMs <= NOW + span).length));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are right beyond the room that a table begins with', () => {
    const table = new TokenTable();
    for (let number = 0; number < 5_000; number += 1) table.set(sampleToken(number));
    const { standing } = table.countsAt(NOW, SPANS);
    expect(standing.filter(({ count }) => count > 0)).toEqual([
      { type: 'organization', status: 'active', count: 5_000 },
    ]);
  });
});
