import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { type AppendResult, type EventLog, type ExpectedRevision, RevisionConflict } from '../event-log.js';
import { START } from '../position.js';
import { type LogUnderTest, newEvents, newStream, type OpenLog } from './log-under-test.js';
import type { RecordedEvent } from '../event-log.js';

const WRITERS = 32;
const ROUNDS = 15;
/** These tests do much, and the machine may be busy. */
const PATIENCE_MS = 180_000;

interface Acknowledged {
  readonly ids: readonly string[];
  readonly result: AppendResult;
}

export function concurrencyContract(open: OpenLog): void {
  it(
    `keeps order and loses nothing under ${WRITERS} writers in two processes, with readers behind them`,
    async () => {
      const opened = await open(new ManualClock());
      try {
        await exercise(opened);
      } finally {
        await opened.close();
      }
    },
    PATIENCE_MS,
  );

  describe('a reader', () => {
    it(
      'never passes over an event whose append is still under way',
      async () => {
        const opened = await open(new ManualClock());
        try {
          const other = await opened.reopen();
          const stop = new AbortController();
          const seen = follow(opened.log, stop.signal, 25);
          for (let round = 0; round < 100; round += 1) {
            const long = other.append({
              streams: [{ stream: newStream('account'), expected: 'noStream', events: newEvents(60) }],
            });
            await opened.log.append({ streams: [{ stream: newStream(), expected: 'noStream', events: newEvents() }] });
            await long;
          }
          stop.abort();
          expect(await seen).toHaveLength(6_100);
        } finally {
          await opened.close();
        }
      },
      PATIENCE_MS,
    );
  });
}

async function exercise({ log, reopen, answersEndOfFlush }: LogUnderTest): Promise<void> {
  const logs = [log, await reopen()];
  const contested = [newStream('account'), newStream()];
  const usage = logs.map(() => newStream('usage'));
  const stop = new AbortController();
  const readers = [follow(logs[0]!, stop.signal, 3), follow(logs[1]!, stop.signal, 500)];
  const writers = Array.from({ length: WRITERS }, async (_, number) => {
    const side = number % logs.length;
    const own = newStream('account');
    const acknowledged: Acknowledged[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const streams = { own, contested: contested[round % 2]!, usage: usage[side]! };
      acknowledged.push(await appendUnderContention(logs[side]!, streams, round));
    }
    return acknowledged;
  });
  const acknowledged = (await Promise.all(writers)).flat();
  stop.abort();
  const [events, others] = await Promise.all(readers);
  expect(others).toEqual(events);
  expectStoredOnce(events!, acknowledged);
  expectPositions(events!, acknowledged, answersEndOfFlush === true);
}

/** One request to a stream of its own, a stream that all want, and the usage stream of its process; again on conflict. */
async function appendUnderContention(
  log: EventLog,
  streams: { own: string; contested: string; usage: string },
  round: number,
): Promise<Acknowledged> {
  const events = [newEvents(1 + (round % 3)), newEvents(), newEvents()] as const;
  for (let expected: ExpectedRevision = 'noStream'; ;) {
    const length = (await log.readStream(streams.own)).length;
    const own = { stream: streams.own, expected: length === 0 ? 'noStream' : BigInt(length - 1) } as const;
    try {
      const result = await log.append({
        streams: [
          { ...own, events: events[0] },
          { stream: streams.contested, expected, events: events[1] },
          { stream: streams.usage, expected: 'next', events: events[2] },
        ],
      });
      return { ids: events.flat().map(({ id }) => id), result };
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      expect(error.stream).toBe(streams.contested);
      expected = error.actual;
    }
  }
}

/** Reads the log from its beginning while it is written, until `signal` says that no more will come. */
async function follow(log: EventLog, signal: AbortSignal, limit: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  let next = START;
  for (;;) {
    const wasOver = signal.aborted;
    const batch = await log.readAll({ after: next, limit });
    events.push(...batch.events);
    next = batch.next;
    if (batch.events.length > 0) continue;
    if (wasOver) return events;
    await log.waitForEvents(next, 1_000, signal);
  }
}

function expectStoredOnce(events: readonly RecordedEvent[], acknowledged: readonly Acknowledged[]): void {
  const revisions = new Map<string, bigint>();
  const byId = new Map<string, RecordedEvent>();
  let before = START;
  for (const event of events) {
    expect(event.position > before).toBe(true);
    before = event.position;
    expect(event.revision).toBe((revisions.get(event.stream) ?? -1n) + 1n);
    revisions.set(event.stream, event.revision);
    expect(byId.has(event.id)).toBe(false);
    byId.set(event.id, event);
  }
  for (const { ids, result } of acknowledged) {
    const stored = ids.map((id) => byId.get(id)!);
    expect(stored.slice(-2).map(({ revision }) => revision)).toEqual(result.revisions.slice(-2));
  }
  expect(events).toHaveLength(acknowledged.reduce((sum, { ids }) => sum + ids.length, 0));
}

/** Each request was answered with the position of its last event, or of a later one that it may have been stored with. */
function expectPositions(
  events: readonly RecordedEvent[],
  acknowledged: readonly Acknowledged[],
  answersEndOfFlush: boolean,
): void {
  const positions = new Map(events.map(({ id, position }) => [id, position]));
  const all = new Set(positions.values());
  for (const { ids, result } of acknowledged) {
    const last = ids.map((id) => positions.get(id)!).reduce((a, b) => (a > b ? a : b));
    if (answersEndOfFlush) expect(result.position >= last && all.has(result.position)).toBe(true);
    else expect(result.position).toBe(last);
  }
}
