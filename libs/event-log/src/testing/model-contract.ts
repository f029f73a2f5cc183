import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '#libs/kernel/testing';
import {
  type AppendRequest,
  type AppendResult,
  type EventLog,
  RevisionConflict,
  type StreamAppend,
} from '../event-log.js';
import type { Position } from '../position.js';
import { appendOf, idsOf, type LogUnderTest, newEvents, newStream, type OpenLog, readToEnd } from './log-under-test.js';

/** What a request becomes; `again` sends an earlier one another time, perhaps with its last event replaced. */
type Step = { parts: Part[] } | { again: number; changed: boolean };
interface Part {
  stream: number;
  count: number;
  /** Revisions off the right one; a large one means `noStream`. */
  expected: number | 'noStream' | 'any' | 'exists' | 'next';
}

/** Requests that are handed in at once, through one of two logs. */
interface Batch {
  log: 0 | 1;
  steps: Step[];
}

const STREAMS = 4;

const part: fc.Arbitrary<Part> = fc.record({
  stream: fc.nat(STREAMS - 1),
  count: fc.integer({ min: 1, max: 3 }),
  expected: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
    { weight: 4, arbitrary: fc.constantFrom('noStream' as const, 'any' as const, 'exists' as const, 'next' as const) },
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      parts: fc.uniqueArray(part, { minLength: 1, maxLength: 3, selector: ({ stream }) => stream }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ again: fc.nat(30), changed: fc.boolean() }) },
);
const batches: fc.Arbitrary<Batch[]> = fc.array(
  fc.record({ log: fc.constantFrom(0 as const, 1 as const), steps: fc.array(step, { minLength: 1, maxLength: 8 }) }),
  { minLength: 1, maxLength: 12 },
);

type Outcome = { revisions: readonly bigint[]; duplicate: boolean } | { conflict: string };

/** Streams as lists of event ids: as simple as it gets, one request after the other. */
class Model {
  readonly streams = new Map<string, string[]>();
  private readonly written = [new Map<string, number>(), new Map<string, number>()] as const;

  apply(log: 0 | 1, { streams }: AppendRequest): Outcome {
    const misfit = streams.find((append) => !this.fits(log, append));
    if (!misfit) {
      for (const append of streams) this.store(log, append);
      return { revisions: streams.map(({ stream }) => this.last(stream)), duplicate: false };
    }
    const standing = streams.map((append) => this.standing(append));
    const isLocated = streams.some(({ expected }) => expected === 'noStream' || typeof expected === 'bigint');
    if (isLocated && standing.every((revision) => revision !== null)) return { revisions: standing, duplicate: true };
    return { conflict: misfit.stream };
  }

  last(stream: string): bigint {
    return BigInt(this.streams.get(stream)?.length ?? 0) - 1n;
  }

  private fits(log: 0 | 1, { stream, expected }: StreamAppend): boolean {
    if (expected === 'any') return true;
    if (expected === 'exists') return this.last(stream) >= 0n;
    if (expected === 'noStream') return this.last(stream) < 0n;
    if (expected !== 'next') return this.last(stream) === expected;
    const written = this.written[log].get(stream);
    return written === undefined || written === this.streams.get(stream)?.length;
  }

  private store(log: 0 | 1, { stream, expected, events }: StreamAppend): void {
    const ids = [...(this.streams.get(stream) ?? []), ...idsOf(events)];
    this.streams.set(stream, ids);
    if (expected === 'next' || this.written[log].has(stream)) this.written[log].set(stream, ids.length);
  }

  private standing({ stream, expected, events }: StreamAppend): bigint | null {
    const ids = this.streams.get(stream) ?? [];
    const from =
      expected === 'noStream' ? 0 : typeof expected === 'bigint' ? Number(expected) + 1 : ids.indexOf(events[0]!.id);
    if (from < 0 || !events.every(({ id }, index) => ids[from + index] === id)) return null;
    return BigInt(from + events.length - 1);
  }
}

export function modelContract(open: OpenLog): void {
  describe('any mix of requests', () => {
    let opened: LogUnderTest;
    let logs: [EventLog, EventLog];
    beforeAll(async () => {
      opened = await open(new ManualClock());
      logs = [opened.log, await opened.reopen()];
    });
    afterAll(() => opened.close());

    it('ends as if its requests had been made one after the other', async () => {
      await fc.assert(
        fc.asyncProperty(batches, (mix) => check(logs, mix)),
        { numRuns: 100 },
      );
    }, 300_000);
  });
}

async function check(logs: [EventLog, EventLog], mix: Batch[]): Promise<void> {
  const model = new Model();
  const names = [newStream(), newStream('account'), newStream('usage'), newStream('usage')];
  const sent: AppendRequest[] = [];
  const before = (await logs[0].heads()).all;
  for (const { log, steps } of mix) {
    const expected: Outcome[] = [];
    const answers: Promise<AppendResult>[] = [];
    for (const each of steps) {
      const request = 'parts' in each ? requestOf(each.parts, names, model) : repeat(each, sent);
      if (!request) continue;
      sent.push(request);
      expected.push(model.apply(log, request));
      answers.push(logs[log].append(request));
    }
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(outcomeOf)).toEqual(expected);
    for (const name of names) expect(idsOf(await logs[0].readStream(name))).toEqual(model.streams.get(name) ?? []);
  }
  await checkOrder(logs[1], before, names, model);
}

/** The log holds every stream's events in the stream's order, and nothing else was stored. */
async function checkOrder(log: EventLog, after: Position, names: string[], model: Model): Promise<void> {
  const events = await readToEnd(log, after, 7);
  for (const name of names) {
    expect(idsOf(events.filter(({ stream }) => stream === name))).toEqual(model.streams.get(name) ?? []);
  }
  expect(events).toHaveLength([...model.streams.values()].flat().length);
}

function requestOf(parts: Part[], names: string[], model: Model): AppendRequest {
  const streams = parts.map(({ stream, count, expected }) => {
    const name = names[stream]!;
    if (typeof expected === 'string') return appendOf(name, expected, count);
    const revision = model.last(name) + BigInt(expected);
    return appendOf(name, revision < 0n ? 'noStream' : revision, count);
  });
  return { streams };
}

function repeat({ again, changed }: { again: number; changed: boolean }, sent: AppendRequest[]): AppendRequest | null {
  const request = sent[again % Math.max(1, sent.length)];
  if (!request || !changed) return request ?? null;
  const [first, ...others] = request.streams;
  return { streams: [{ ...first!, events: [...first!.events.slice(1), ...newEvents()] }, ...others] };
}

function outcomeOf(settled: PromiseSettledResult<AppendResult>): Outcome {
  if (settled.status === 'fulfilled') {
    const { revisions, duplicate } = settled.value;
    return { revisions, duplicate };
  }
  const reason: unknown = settled.reason;
  if (!(reason instanceof RevisionConflict)) throw reason;
  return { conflict: reason.stream };
}
