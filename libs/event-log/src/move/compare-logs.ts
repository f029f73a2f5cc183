import { createHash } from 'node:crypto';
import { categoryOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { EventLog, RecordedEvent } from '../event-log.js';
import { encodeEvent } from '../event-text.js';
import { type Position, START } from '../position.js';
import { ForeignEvents } from './log-importer.js';

/** How far the target of a move holds what its source holds. */
export interface LogComparison {
  /** That stand in both, from the beginning on. */
  readonly events: number;
  /** Position in the source of the last of them. */
  readonly after: Position;
  /** Position in the target of the last one of category security. */
  readonly security: Position;
  /** True when the source holds no more. */
  readonly isWhole: boolean;
  /** SHA-256, as hex, over the lines of these events in the order of the log; see `lineOf`. */
  readonly digest: string;
}

export interface CompareOptions {
  readonly batch: number;
  readonly onProgress: (events: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads both logs side by side, a batch of each at a time, and compares events, revisions, instants and their order.
 * Throws ForeignEvents at the first event of the target that is not the source's.
 */
export async function compareLogs(
  source: EventLog,
  target: EventLog,
  { batch, onProgress, signal }: CompareOptions,
): Promise<LogComparison> {
  const digests = [createHash('sha256'), createHash('sha256')] as const;
  let [events, after, at, security] = [0, START, START, START];
  for (;;) {
    signal?.throwIfAborted();
    const [theirs, ours] = await Promise.all([
      source.readAll({ after, limit: batch }),
      target.readAll({ after: at, limit: batch }),
    ]);
    for (const [index, event] of ours.events.entries()) {
      const original = theirs.events[index];
      const line = lineOf(event);
      if (original === undefined || lineOf(original) !== line) throw foreign(event, original);
      digests[0].update(lineOf(original));
      digests[1].update(line);
      after = original.position;
      if (categoryOf(event.stream) === 'security') security = event.position;
    }
    events += ours.events.length;
    onProgress(events);
    at = ours.next;
    if (ours.events.length < batch) {
      const [digest, copied] = digests.map((hash) => hash.digest('hex'));
      assert(digest !== undefined && digest === copied, 'equal events have equal digests');
      return { events, after, security, isWhole: theirs.events.length === ours.events.length, digest };
    }
  }
}

/**
 * What of an event must be the same in every store: stream, revision, instant and canonical text, each on a line. An empty
 * private part is none: not every store can tell them apart.
 */
function lineOf(event: RecordedEvent): string {
  const { stream, revision, recordedAt, private: hidden, ...rest } = event;
  const text = encodeEvent(hidden && Object.keys(hidden).length > 0 ? event : rest);
  return `${stream}\n${revision}\n${recordedAt}\n${text}\n`;
}

function foreign({ stream, revision, id }: RecordedEvent, original: RecordedEvent | undefined): ForeignEvents {
  const found = `The target holds event ${id} as number ${revision} of stream ${stream}`;
  if (original === undefined) return new ForeignEvents(`${found}, and the source does not.`);
  const there = `event ${original.id} as number ${original.revision} of stream ${original.stream}`;
  return new ForeignEvents(
    original.id === id
      ? `${found}, and it is not the same there as in the source.`
      : `${found}, where the source holds ${there}.`,
  );
}
