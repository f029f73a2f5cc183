import { expect } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import {
  type EventLog,
  type ExpectedRevision,
  LogUnavailable,
  type RecordedEvent,
  RevisionConflict,
} from '../event-log.js';
import { START } from '../position.js';
import { appendOf, idsOf, newStream } from './log-under-test.js';

/**
 * Callers that append without pause: each in turn to an account of its own under explicit revisions, and to the usage
 * stream that all share. Remembers what was acknowledged and what was only tried.
 */
export class Load {
  readonly acknowledged: string[] = [];
  readonly tried = new Set<string>();
  readonly failures: Error[] = [];
  private readonly usage = newStream('usage');
  private readonly callers: Promise<void>[];
  private stopping = false;

  constructor(
    private readonly log: EventLog,
    callers: number,
  ) {
    this.callers = Array.from({ length: callers }, () => this.call());
  }

  /** Resolves when so many further requests were acknowledged. */
  async progress(requests: number): Promise<void> {
    const target = this.acknowledged.length + 2 * requests;
    while (this.acknowledged.length < target) await setImmediate();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.callers);
  }

  private async call(): Promise<void> {
    const account = newStream('account');
    let expected: ExpectedRevision = 'noStream';
    while (!this.stopping) {
      const streams = [appendOf(account, expected), appendOf(this.usage, 'next')];
      const ids = streams.flatMap(({ events }) => idsOf(events));
      for (const id of ids) this.tried.add(id);
      try {
        const { revisions } = await this.log.append({ streams });
        expected = revisions[0]!;
        this.acknowledged.push(...ids);
      } catch (error) {
        this.failures.push(error as Error);
        if (error instanceof RevisionConflict && error.stream === account) expected = error.actual;
        else if (!(error instanceof LogUnavailable)) throw error;
        await setImmediate();
      }
    }
  }
}

/** Acknowledged events are stored once, others at most once, and every stream is whole and in order. */
export function expectStoredAtMostOnce(events: readonly RecordedEvent[], load: Load): void {
  const stored = new Set(idsOf(events));
  expect(stored.size).toBe(events.length);
  expect(load.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect([...stored].filter((id) => !load.tried.has(id))).toEqual([]);
  const revisions = new Map<string, bigint>();
  let before = START;
  for (const { stream, revision, position } of events) {
    expect(revision).toBe((revisions.get(stream) ?? -1n) + 1n);
    expect(position > before).toBe(true);
    revisions.set(stream, revision);
    before = position;
  }
}
