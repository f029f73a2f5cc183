import { Clock } from '../clock.js';

/** A clock that stands still until it is moved. */
export class ManualClock extends Clock {
  constructor(public epochMs = Date.parse('2026-01-01T00:00:00.000Z')) {
    super();
  }

  now(): number {
    return this.epochMs;
  }

  advance(ms: number): void {
    this.epochMs += ms;
  }
}
