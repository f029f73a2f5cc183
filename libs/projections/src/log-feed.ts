import { comparePositions, type EventLog, type Position } from '#libs/event-log';
import type { Stretch } from './lockstep.js';

/** A stretch as it was read. */
export interface ReadStretch extends Stretch {
  /** True when as much came as was asked for: more may stand behind it. */
  readonly isFull: boolean;
}

/** Reads the log; one stretch ahead while there is much to read, so that the next is at hand when one has been applied. */
export class LogFeed {
  private ahead: Promise<ReadStretch> | undefined;

  constructor(
    private readonly log: EventLog,
    private after: Position,
  ) {}

  /** The next stretch, of at most `limit` events; at the end of the log one that leads nowhere (`isEnd`). */
  async next(limit: number): Promise<ReadStretch> {
    const pending = this.ahead ?? this.read(limit);
    // Cleared before waiting: a read that fails is made again by the next call.
    this.ahead = undefined;
    const stretch = await pending;
    if (isEnd(stretch)) return stretch;
    this.after = stretch.next;
    if (stretch.isFull) {
      this.ahead = this.read(limit);
      // Its failure is thrown by the call that wants the stretch; until then nobody listens.
      this.ahead.catch(() => undefined);
    }
    return stretch;
  }

  private async read(limit: number): Promise<ReadStretch> {
    const after = this.after;
    const { events, next } = await this.log.readAll({ after, limit });
    return { after, events, next, isFull: events.length >= limit };
  }
}

/** True for the stretch that was read at the end of the log. */
export function isEnd(stretch: Stretch): boolean {
  return comparePositions(stretch.next, stretch.after) === 0;
}
