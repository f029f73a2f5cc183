import type { EventLog, Position } from '#libs/event-log';

/** How far the read models have come. An abstract class, because it is an injection token too. */
export abstract class ReadModelProgress {
  /**
   * True as soon as every read model holds the events up to `position` (inclusive); false when that was not so within
   * `timeoutMs`. With 0 it answers at once. Throws nothing while the database is away: that is false.
   */
  abstract waitFor(position: Position, timeoutMs: number): Promise<boolean>;
}

/** True when every read model holds what the log held at the time of the call; false when that takes too long. */
export async function hasReachedHead(progress: ReadModelProgress, log: EventLog, timeoutMs: number): Promise<boolean> {
  return progress.waitFor((await log.heads()).all, timeoutMs);
}
