import type { Position } from '#libs/event-log';

/** How far the read models have come. An abstract class, because it is an injection token too. */
export abstract class ReadModelProgress {
  /**
   * True as soon as every read model holds the events up to `position` (inclusive); false when that was not so within
   * `timeoutMs`. With 0 it answers at once. Throws nothing while the database is away: that is false.
   */
  abstract waitFor(position: Position, timeoutMs: number): Promise<boolean>;
}
