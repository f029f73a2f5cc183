import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '#libs/kernel/testing';
import type { EventLog, RecordedEvent } from '../event-log.js';
import { type Position, START } from '../position.js';
import { newEvents, readToEnd } from '../testing/log-under-test.js';
import { type Engine, type MoveEnd, OPEN_END } from '../testing/move-targets.js';
import { ForeignEvents, type LogImporter, SourceMoved } from './log-importer.js';
import { moveLog, type MoveProgress } from './move-log.js';

jest.setTimeout(120_000);

const ENGINES: readonly Engine[] = ['memory', 'PostgreSQL', 'EventStoreDB'];
const WAYS = ENGINES.flatMap((from) => ENGINES.map((to) => ({ from, to })));
const JANUARY = Date.parse('2026-01-10T00:00:00.000Z');
const STREAMS = ['token-a', 'token-b', 'owner-c', 'account-a', 'account-b', 'usage-n1-1', 'usage-n1-2'];

interface Flush {
  parts: { stream: number; count: number }[];
  laterMs: number;
}

/** One flush: how many events each of some streams gets, and how much later it is made than the one before. */
const flush: fc.Arbitrary<Flush> = fc.record({
  parts: fc.uniqueArray(fc.record({ stream: fc.nat(STREAMS.length - 1), count: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ stream }) => stream,
  }),
  laterMs: fc.constantFrom(0, 1, 999, 86_400_000, 31 * 86_400_000),
});
const history = fc.record({
  flushes: fc.array(flush, { minLength: 1, maxLength: 25 }),
  batch: fc.integer({ min: 1, max: 9 }),
  /** Events that are written before the first run is killed; more than there are: it is not. */
  killAfter: fc.nat(60),
  dropped: fc.boolean(),
});

async function write(log: EventLog, clock: ManualClock, flushes: readonly Flush[]): Promise<void> {
  for (const { parts, laterMs } of flushes) {
    clock.advance(laterMs);
    const streams = parts.map(({ stream, count }) => {
      const events = newEvents(count).map((event, n) => (n % 2 === 0 ? event : { ...event, private: { note: 'é' } }));
      return { stream: STREAMS[stream] as string, expected: 'any' as const, events: events };
    });
    await log.append({ streams });
  }
}

const withoutPosition = ({ position: _position, ...event }: RecordedEvent) => event;
const contentsOf = async (log: EventLog) => (await readToEnd(log)).map(withoutPosition);

/** Writes so many events and then fails as a process that is killed does: in the midst of a batch. */
class KilledImporter implements LogImporter {
  constructor(
    private readonly inner: LogImporter,
    private left: number,
  ) {}

  async write(events: readonly RecordedEvent[]): Promise<void> {
    await this.inner.write(events.slice(0, this.left));
    if (events.length > this.left) throw new Error('killed');
    this.left -= events.length;
  }

  finish = (security: Position) => this.inner.finish(security);
  close = () => this.inner.close();
}

describe('moving a log', () => {
  let clock: ManualClock;
  let ends: MoveEnd[];
  beforeEach(() => {
    clock = new ManualClock(JANUARY);
    ends = [];
  });
  afterEach(() => Promise.all(ends.map((end) => end.close())));

  async function open(engine: Engine): Promise<MoveEnd> {
    const end = await OPEN_END[engine](clock);
    ends.push(end);
    return end;
  }

  async function move(source: MoveEnd, target: MoveEnd, options: { batch?: number; killAfter?: number } = {}) {
    const inner = await target.importer();
    const importer = options.killAfter === undefined ? inner : new KilledImporter(inner, options.killAfter);
    const progress: MoveProgress[] = [];
    const onProgress = (step: MoveProgress) => progress.push(step);
    const { batch } = options;
    const parts = { source: source.log, target: target.log, importer, onProgress };
    return { ...(await moveLog(batch === undefined ? parts : { ...parts, batch })), progress };
  }

  it.each(WAYS)(
    'from $from to $to keeps every event, revision and instant in order, and goes on after a kill',
    async ({ from, to }) => {
      await fc.assert(
        fc.asyncProperty(history, async ({ flushes, batch, killAfter, dropped }) => {
          clock.epochMs = JANUARY;
          const [source, target] = [await open(from), await open(to)];
          await write(source.log, clock, flushes);
          if (dropped) await source.log.dropUsageBefore('2026-03-01T00:00:00.000Z');
          const before = await contentsOf(source.log);
          const isKilled = killAfter < before.length;
          const first = move(source, target, { batch, killAfter });
          await (isKilled ? expect(first).rejects.toThrow('killed') : first);
          const result = await move(source, target, { batch });
          expect(result).toMatchObject({
            events: before.length,
            copied: isKilled ? before.length - killAfter : 0,
            digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          });
          expect(await contentsOf(target.log)).toEqual(before);
          for (const stream of STREAMS) {
            expect((await target.log.readStream(stream)).map(withoutPosition)).toEqual(
              (await source.log.readStream(stream)).map(withoutPosition),
            );
          }
          await goesOn(source.log, target.log);
          await Promise.all(ends.splice(0).map((end) => end.close()));
        }),
        { numRuns: from === 'memory' && to === 'memory' ? 200 : 6 },
      );
    },
  );

  /** A ledger that begins on the moved log finds the heads and the revisions that it left. */
  async function goesOn(source: EventLog, target: EventLog): Promise<void> {
    const security = (await readToEnd(target)).filter(({ stream }) => /^(token|owner)-/.test(stream)).at(-1);
    expect((await target.heads()).security).toBe(security?.position ?? START);
    for (const stream of STREAMS) {
      const last = (await source.readStream(stream)).at(-1);
      if (last === undefined) continue;
      const append = { streams: [{ stream, expected: last.revision, events: newEvents() }] };
      const { revisions, position } = await target.append(append);
      expect(revisions).toEqual([last.revision + 1n]);
      expect((await target.heads()).all).toBe(position);
    }
  }

  it('back and forth ends where it began, positions and digest included', async () => {
    const [first, middle, last] = [await open('PostgreSQL'), await open('EventStoreDB'), await open('PostgreSQL')];
    await write(first.log, clock, fc.sample(flush, { numRuns: 40, seed: 7 }));
    const there = await move(first, middle);
    const back = await move(middle, last);
    expect(back.digest).toBe(there.digest);
    expect(await readToEnd(last.log)).toEqual(await readToEnd(first.log));
    await middle.log.append({ streams: [{ stream: 'token-late', expected: 'noStream', events: newEvents(2) }] });
    expect(await move(middle, last)).toMatchObject({ copied: 2 });
  });

  it.each(ENGINES)('refuses %s that holds other events, and writes nothing to it', async (to) => {
    const [source, target] = [await open('memory'), await open(to)];
    await write(source.log, clock, fc.sample(flush, { numRuns: 5, seed: 1 }));
    await target.log.append({ streams: [{ stream: 'token-other', expected: 'noStream', events: newEvents() }] });
    const before = await readToEnd(target.log);
    await expect(move(source, target)).rejects.toThrow(ForeignEvents);
    expect(await readToEnd(target.log)).toEqual(before);
  });

  it.each(ENGINES)('refuses to end well when the source, %s, was written to meanwhile', async (from) => {
    const [source, target] = [await open(from), await open('memory')];
    await write(source.log, clock, fc.sample(flush, { numRuns: 5, seed: 1 }));
    const importer = await target.importer();
    const finish = jest.fn<LogImporter['finish']>(async () => undefined);
    const moving: LogImporter = {
      write: async (events) => {
        await importer.write(events);
        await source.log.append({ streams: [{ stream: 'token-new', expected: 'any', events: newEvents() }] });
      },
      finish,
      close: () => importer.close(),
    };
    await expect(moveLog({ source: source.log, target: target.log, importer: moving })).rejects.toThrow(SourceMoved);
    expect(finish).not.toHaveBeenCalled();
    // The next run goes on where that one was.
    expect(await move(source, target)).toMatchObject({ events: (await readToEnd(source.log)).length });
  });

  it.each(ENGINES)('drops by age in %s what was recorded elsewhere', async (to) => {
    const [source, target] = [await open('memory'), await open(to)];
    const january = (stream: string) => ({ streams: [{ stream, expected: 'next' as const, events: newEvents(3) }] });
    await source.log.append(january('usage-n1-1'));
    clock.epochMs = Date.parse('2026-04-10T00:00:00.000Z');
    await source.log.append(january('usage-n1-2'));
    await move(source, target);
    await target.log.dropUsageBefore('2026-03-01T00:00:00.000Z');
    expect((await readToEnd(target.log)).map(({ stream }) => stream)).toEqual(Array(3).fill('usage-n1-2'));
  });

  it('reports each phase up to the last event', async () => {
    const [source, target] = [await open('memory'), await open('memory')];
    await write(source.log, clock, fc.sample(flush, { numRuns: 9, seed: 3 }));
    const { progress, events } = await move(source, target, { batch: 4 });
    const last = (phase: string) => progress.filter((step) => step.phase === phase).at(-1)?.events;
    expect(['comparing', 'copying', 'verifying'].map(last)).toEqual([0, events, events]);
  });
});
