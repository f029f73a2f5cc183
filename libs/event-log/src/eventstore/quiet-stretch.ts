import { type Position, START } from '../position.js';

/**
 * A stretch of the log that is known to hold no security event, so that nobody looks for one there: uses and charges are
 * many, and to pass over an hour of them takes longer than a check may wait.
 *
 * When the security stream ends with a mark that speaks of every intent before it, each security event that stands in the
 * log by then lies at or before the mark's position: what is intended later is stored behind everything that stood.
 */
export class QuietStretch {
  /** Where an event stood at some time, monotonic, in milliseconds. */
  private stood: { readonly position: Position; readonly at: number } | null = null;
  private stretch: { readonly after: Position; readonly upTo: Position } | null = null;

  /** `leaseMs`: what was acknowledged so long ago is in whatever a leader tells, also one that is none any more. */
  constructor(private readonly leaseMs: number) {}

  /**
   * Called before the end of the security stream is read, with the latest known position. Returns one at which an event
   * stood a lease ago; null where none is known.
   */
  begin(lastKnown: Position, now: number): Position | null {
    const { stood } = this;
    const isOldEnough = stood !== null && now - stood.at >= this.leaseMs;
    if (stood === null || isOldEnough) this.stood = { position: lastKnown, at: now };
    return isOldEnough ? stood.position : null;
  }

  /** The stream ended with a mark, which speaks of all that was intended and of security events up to `after`. */
  end(after: Position, stood: Position | null): void {
    if (stood !== null && stood > after) this.stretch = { after, upTo: stood };
  }

  /** Where to begin to read what follows a position: there, or at the end of the stretch. */
  skip(position: Position): Position {
    const { after, upTo } = this.stretch ?? { after: START, upTo: START };
    return position >= after && position < upTo ? upTo : position;
  }
}
