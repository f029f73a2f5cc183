import type { RecordedEvent } from '#libs/event-log';
import { isRefusedValue } from './database-errors.js';
import { type ProjectionWriter, Stage } from './projection-writer.js';
import type { Transaction } from './transaction.js';

/** The events of a batch that one projection takes. */
export interface Share {
  readonly writer: ProjectionWriter;
  readonly events: readonly RecordedEvent[];
}

export interface Written {
  readonly writer: ProjectionWriter;
  readonly stage: Stage;
}

export interface ApplyManner {
  /** Names of projections of which PostgreSQL has refused a value. */
  readonly careful?: ReadonlySet<string>;
  /** Called when everything is on its way to the database. */
  readonly meanwhile?: (() => Promise<unknown>) | undefined;
}

/**
 * Folds and writes the shares of all projections. Those named in `careful` are written event range by event range, so
 * that a value that PostgreSQL refuses costs its own partition key and nothing else. A refusal in any other one breaks
 * the transaction; `transaction.failedAt` then names the projection, which is to be careful the next time.
 */
export async function writeBatch(
  transaction: Transaction,
  shares: readonly Share[],
  { careful = new Set(), meanwhile }: ApplyManner,
): Promise<Written[]> {
  const work = shares.map((share) => ({ ...share, stage: new Stage() }));
  const quick = work.filter(({ writer }) => !careful.has(writer.projection.name));
  const prepared = quick.map(({ writer, stage, events }) => ({
    writer,
    events: writer.prepare(transaction, stage, events),
  }));
  const writes: Promise<unknown>[] = [];
  for (const { writer, events } of prepared) writes.push((await writer.fold(transaction, events, false)).written);
  await Promise.all([...writes, meanwhile?.()]);

  for (const { writer, stage, events } of work) {
    if (careful.has(writer.projection.name)) await writeCarefully(transaction, { writer, stage }, events);
  }
  return work;
}

/** Halves the events until the one that PostgreSQL refuses is alone, in order, so that later events of its key follow it. */
async function writeCarefully(
  transaction: Transaction,
  target: Written,
  events: readonly RecordedEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const { writer, stage } = target;
  try {
    await transaction.attempt(async () => {
      await (
        await writer.fold(transaction, writer.prepare(transaction, stage, events), true)
      ).written;
    });
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
    if (events.length === 1) {
      writer.refuse(stage, events[0] as RecordedEvent, error);
      return;
    }
    const half = events.length >> 1;
    await writeCarefully(transaction, target, events.slice(0, half));
    await writeCarefully(transaction, target, events.slice(half));
  }
}
