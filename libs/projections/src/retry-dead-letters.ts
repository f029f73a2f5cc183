import type { EventLog, RecordedEvent } from '#libs/event-log';
import { type Clock, toInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { checkpoints } from './checkpoints.js';
import { deadLetters, type StoredLetter } from './dead-letters.js';
import type { Projection } from './projection.js';
import { ProjectionWriter } from './projection-writer.js';
import { inTransaction, type Transaction } from './transaction.js';
import { writeBatch } from './write-batch.js';

export interface RetryResult {
  /** Dead letters that are folded now. */
  readonly folded: number;
  /** Dead letters whose event is no longer in the log, because its time of retention is over; they are given up. */
  readonly expired: number;
  /** Dead letters that still cannot be folded, or follow such a one. */
  readonly remaining: number;
}

interface RetryOptions {
  readonly pool: Pool;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly projection: Projection;
}

const LETTERS_PER_TRANSACTION = 1000;

/**
 * Folds the dead letters of a projection again, in the order of the log. A key whose letter fails again stays
 * quarantined with all that follows. While a transaction runs the projection stands still, so no event of a key can
 * overtake its letters; the key is free once none is left.
 */
export async function retryDeadLetters(options: RetryOptions): Promise<RetryResult> {
  const failing = new Set<string>();
  const total = { folded: 0, expired: 0, remaining: 0 };
  for (let more = true; more;) {
    const round = await inTransaction(options.pool, (transaction) => retrySome(transaction, options, failing));
    total.folded += round.folded;
    total.expired += round.expired;
    total.remaining = round.remaining;
    more = round.read > 0;
  }
  return total;
}

async function retrySome(transaction: Transaction, options: RetryOptions, failing: Set<string>) {
  const { log, clock, projection } = options;
  const instant = toInstant(clock.now());
  const names = [projection.name];
  await checkpoints.lock(transaction, names, instant);
  const letters = await deadLetters.oldest(transaction, projection.name, [...failing], LETTERS_PER_TRANSACTION);
  const events: RecordedEvent[] = [];
  for (const letter of letters) events.push(...(await eventsOf(log, letter)));

  const writer = new ProjectionWriter(projection, { cachedDocuments: 0, emptyTable: false, withoutKey: false });
  writer.reset(new Set(failing));
  const [written] = await writeBatch(transaction, [{ writer, events }], { careful: new Set(names) });
  const again = written?.stage.letters ?? [];
  for (const { partitionKey } of again) failing.add(partitionKey);
  // Letters whose key is another one now, by a mended handler, go under the new one: each is written anew.
  await deadLetters.remove(
    transaction,
    projection.name,
    letters.map(({ position }) => position),
  );
  await deadLetters.insert(
    transaction,
    again.map((letter) => ({ ...letter, projection: projection.name })),
    instant,
  );
  if (letters.length > 0) await checkpoints.invalidate(transaction, names);
  const remaining = (await deadLetters.counts(transaction, names)).get(projection.name) ?? 0;
  return {
    read: letters.length,
    folded: events.length - again.length,
    expired: letters.length - events.length,
    remaining,
  };
}

/** The event of a letter; none when the log has dropped it. */
async function eventsOf(log: EventLog, { stream, revision }: StoredLetter): Promise<RecordedEvent[]> {
  const events = await log.readStream(stream, { from: revision, limit: 1 });
  return events.filter((event) => event.revision === revision);
}
