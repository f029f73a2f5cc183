import type { RecordedEvent } from '../event-log.js';
import type { Position } from '../position.js';

/**
 * The raw door of a log's store, for moving a log from one engine to another: unlike an append it keeps what was recorded
 * elsewhere, to the instant and the revision. Used by one process, while no ledger writes to the store.
 */
export interface LogImporter {
  /**
   * Stores events, which stood in this order in another log, after all that this one holds: same ids, texts, instants and
   * revisions; positions are the store's own. What a usage stream lost by age before an event is left out here too: its
   * revisions go on with that event. Answered when everything is on disk; when it throws, a first part may be, in order.
   * Throws ForeignEvents where a stream ends elsewhere than before the next event, LogUnavailable.
   */
  write(events: readonly RecordedEvent[]): Promise<void>;

  /** Makes a complete log ready for a ledger. `security`: position, here, of the last event of that category. May be repeated. */
  finish(security: Position): Promise<void>;

  /** Gives connections back. */
  close(): Promise<void>;
}

/** The target of a move holds something that the source does not hold in that place; the message says what. */
export class ForeignEvents extends Error {
  override name = 'ForeignEvents';
}

/** The source was written to while it was copied; the message says what to do. */
export class SourceMoved extends Error {
  override name = 'SourceMoved';
}

/** Consecutive events that may become one row: `isSame` tells whether an event belongs with the one before it. */
export function runsOf(
  events: readonly RecordedEvent[],
  isSame: (event: RecordedEvent, before: RecordedEvent) => boolean,
): RecordedEvent[][] {
  const runs: RecordedEvent[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    const goesOn = before?.stream === event.stream && before.revision + 1n === event.revision;
    if (run && before && goesOn && isSame(event, before)) run.push(event);
    else runs.push([event]);
  }
  return runs;
}
