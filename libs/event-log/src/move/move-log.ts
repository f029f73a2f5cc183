import { type EventBatch, type EventLog, LogUnavailable } from '../event-log.js';
import type { Position } from '../position.js';
import { compareLogs, type LogComparison } from './compare-logs.js';
import { type LogImporter, SourceMoved } from './log-importer.js';

export type MovePhase = 'comparing' | 'copying' | 'verifying';

export interface MoveProgress {
  readonly phase: MovePhase;
  /** Of the log, gone through in this phase; what a former run copied counts where copying begins. */
  readonly events: number;
}

export interface MoveOptions {
  readonly source: EventLog;
  /** The log that `importer` writes to. */
  readonly target: EventLog;
  readonly importer: LogImporter;
  readonly onProgress?: (progress: MoveProgress) => void;
  /** Calls the move off between two batches; the next run goes on from there. */
  readonly signal?: AbortSignal;
  /** Events held at a time; default 2,000. */
  readonly batch?: number;
}

export interface MoveResult {
  /** That both logs hold. */
  readonly events: number;
  /** Of them, copied by this run. */
  readonly copied: number;
  /** SHA-256, as hex, over all events of either log, in order, with streams, revisions and instants. */
  readonly digest: string;
}

const BATCH = 2_000;

/**
 * Copies a whole log in its order, and then compares every event of both. Where a former run was killed it goes on: what
 * stands in the target is compared with the source first, and copying begins after it. Nothing is written to a target
 * that holds anything else.
 * Throws ForeignEvents, SourceMoved, LogUnavailable, and the reason of `signal`.
 */
export async function moveLog(options: MoveOptions): Promise<MoveResult> {
  const { source, target, importer, signal, batch = BATCH } = options;
  const head = (await source.heads()).all;
  const compare = (phase: MovePhase): Promise<LogComparison> =>
    compareLogs(source, target, { batch, signal, onProgress: (events) => options.onProgress?.({ phase, events }) });
  const standing = await compare('comparing');
  if (!standing.isWhole) await copy({ ...options, batch }, standing);
  await refuseMoved(source, head);
  const { events, digest, isWhole, security } = await compare('verifying');
  await refuseMoved(source, head);
  // The head has not moved: what is missing was lost on the way.
  if (!isWhole) throw new LogUnavailable(`the target holds ${events} events only, and the source has more`);
  await importer.finish(security);
  const marked = (await target.heads()).security;
  if (marked !== security) throw new LogUnavailable('the target does not show its last security event');
  return { events, copied: events - standing.events, digest };
}

/** Reads a batch while the one before it is written. */
async function copy(
  { source, importer, signal, batch, onProgress }: MoveOptions & { readonly batch: number },
  { after, events: standing }: LogComparison,
): Promise<void> {
  let events = standing;
  let reading: Promise<EventBatch> | null = source.readAll({ after, limit: batch });
  while (reading !== null) {
    const read: EventBatch = await reading;
    signal?.throwIfAborted();
    reading = read.events.length < batch ? null : source.readAll({ after: read.next, limit: batch });
    // Its failure is met when it is awaited, unless the write fails first.
    reading?.catch(() => undefined);
    await importer.write(read.events);
    events += read.events.length;
    onProgress?.({ phase: 'copying', events });
  }
}

async function refuseMoved(source: EventLog, head: Position): Promise<void> {
  if ((await source.heads()).all === head) return;
  throw new SourceMoved(
    'The source was written to while it was copied. Stop every server of it and run this again: it goes on where it was.',
  );
}
