import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ExpectedRevision } from '../event-log.js';
import { appendOf } from '../testing/log-under-test.js';
import { EXPECTED_ANY, EXPECTED_EXISTS } from './append-function.js';
import { type FlushPlan, planFlush } from './flush-plan.js';
import { type WaitingRequest, waitingRequest } from '../waiting-request.js';

const LIMITS = { requests: 500, size: 1_000_000 };
const NO_WRITERS = new Map<string, bigint>();

type Append = [stream: string, expected: ExpectedRevision, count?: number];

const request = (...appends: Append[]): WaitingRequest =>
  waitingRequest({ streams: appends.map((append) => appendOf(...append)) }, () => undefined);

const rowsOf = ({ rows }: FlushPlan) => rows.map(({ stream, expected, count }) => [stream, expected, count]);

describe('planFlush', () => {
  it('merges requests to one stream that build on each other into one row', () => {
    const waiting = [
      request(['a', 4n, 2]),
      request(['b', 'noStream']),
      request(['a', 6n]),
      request(['b', 0n], ['a', 7n]),
    ];
    const plan = planFlush(waiting, NO_WRITERS, LIMITS);
    expect(rowsOf(plan)).toEqual([
      ['a', 4n, 4],
      ['b', -1n, 2],
    ]);
    expect(plan.requests.map(({ places }) => places.map(({ row, end }) => [row.stream, end]))).toEqual([
      [['a', 2]],
      [['b', 1]],
      [['a', 3]],
      [
        ['b', 2],
        ['a', 4],
      ],
    ]);
    expect(plan.held).toEqual([]);
  });

  it('leaves what does not build on the one before it, and all that follows in its streams, for the next flush', () => {
    const stale = request(['a', 9n], ['b', 'any']);
    const waiting = [request(['a', 4n]), stale, request(['b', 2n]), request(['c', 'any']), request(['a', 5n])];
    const plan = planFlush(waiting, NO_WRITERS, LIMITS);
    expect(rowsOf(plan)).toEqual([
      ['a', 4n, 1],
      ['c', EXPECTED_ANY, 1],
    ]);
    expect(plan.held).toEqual([stale, waiting[2], waiting[4]]);
  });

  it('gives the only writer the revision that it has reached, and lets the first append find it out', () => {
    const waiting = [request(['u', 'next']), request(['v', 'next']), request(['u', 'next', 2]), request(['v', 'next'])];
    const plan = planFlush(waiting, new Map([['u', 7n]]), LIMITS);
    expect(rowsOf(plan)).toEqual([
      ['u', 7n, 3],
      ['v', EXPECTED_ANY, 2],
    ]);
    expect(plan.rows.map(({ isWriters }) => isWriters)).toEqual([true, true]);
  });

  it('merges what needs no revision, and nothing that needs one behind what has none', () => {
    const waiting = [request(['a', 'exists']), request(['a', 'any']), request(['a', 'next']), request(['a', 2n])];
    const plan = planFlush(waiting, NO_WRITERS, LIMITS);
    expect(rowsOf(plan)).toEqual([['a', EXPECTED_EXISTS, 3]]);
    expect(plan.held).toEqual([waiting[3]]);
  });

  it('takes as many requests as the limits allow, and a larger one alone', () => {
    const waiting = Array.from({ length: 10 }, (_, number) => request([`s${number}`, 'any']));
    const few = planFlush(waiting, NO_WRITERS, { ...LIMITS, requests: 4 });
    expect(few.requests).toHaveLength(4);
    expect(few.held).toEqual(waiting.slice(4));
    const size = waiting[0]!.size;
    expect(planFlush(waiting, NO_WRITERS, { ...LIMITS, size: size * 3 }).requests).toHaveLength(3);
    expect(planFlush(waiting, NO_WRITERS, { ...LIMITS, size: size - 1 }).requests).toHaveLength(1);
  });

  it('looks at no more of a long queue than it could take', () => {
    const waiting = Array.from({ length: 5_000 }, () => request(['a', 'noStream']));
    let looks = 0;
    const counted = waiting.map((each) => ({
      ...each,
      get appends() {
        looks += 1;
        return each.appends;
      },
    }));
    const plan = planFlush(counted, NO_WRITERS, { ...LIMITS, requests: 10 });
    expect(plan.requests).toHaveLength(1);
    expect(plan.held).toHaveLength(4_999);
    expect(looks).toBeLessThan(200);
  });

  const expected = fc.oneof(
    fc.constantFrom<ExpectedRevision>('noStream', 'any', 'exists', 'next'),
    fc.bigInt({ min: 0n, max: 5n }),
  );
  const append = fc.tuple(fc.constantFrom('a', 'b', 'c'), expected, fc.integer({ min: 1, max: 2 }));
  const requests = fc.array(
    fc
      .uniqueArray(append, { minLength: 1, maxLength: 3, selector: ([stream]) => stream })
      .map((appends) => request(...appends)),
    { minLength: 1, maxLength: 30 },
  );

  it('always takes the first request, loses none, and keeps the order of each stream', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 40 }), (waiting, limit) => {
        const plan = planFlush(waiting, new Map([['a', 3n]]), { ...LIMITS, requests: limit });
        const taken = plan.requests.map(({ waiting: each }) => each);
        expect(taken[0]).toBe(waiting[0]);
        expect(taken.length).toBeLessThanOrEqual(limit);
        expect(new Set([...taken, ...plan.held])).toEqual(new Set(waiting));
        expect(taken.length + plan.held.length).toBe(waiting.length);
        for (const stream of ['a', 'b', 'c']) {
          const touches = ({ appends }: WaitingRequest) => appends.some((each) => each.stream === stream);
          expect([...taken, ...plan.held].filter(touches)).toEqual(waiting.filter(touches));
        }
      }),
    );
  });
});
