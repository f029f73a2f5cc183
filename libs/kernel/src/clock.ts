/** Where time comes from. Injected everywhere, so that a decision can be tested at any instant. */
export abstract class Clock {
  /** Milliseconds since the epoch, UTC. */
  abstract now(): number;
}

/** The machine's clock, shifted by a fixed offset for rehearsals (`TOKEN_LEDGER_CLOCK_OFFSET_MS`). */
export class SystemClock extends Clock {
  constructor(readonly offsetMs = 0) {
    super();
  }

  now(): number {
    return Date.now() + this.offsetMs;
  }
}

let lastMs = NaN;
let lastInstant = '';

/** RFC 3339 in UTC with milliseconds, the one form of an instant on the wire and in events. */
export function toInstant(epochMs: number): string {
  // Under load many events fall into one millisecond, and writing a date is a good part of making one.
  if (epochMs !== lastMs) {
    lastInstant = new Date(epochMs).toISOString();
    lastMs = epochMs;
  }
  return lastInstant;
}

/** The epoch milliseconds of an RFC 3339 instant that this ledger wrote. */
export function fromInstant(instant: string): number {
  return Date.parse(instant);
}
