import { setTimeout as pause } from 'node:timers/promises';
import { Bookings } from './bookings.js';
import type { Population } from './population.js';
import type { Recorder } from './recorder.js';
import { Revocations } from './revocations.js';
import { Uses } from './uses.js';

export interface LoadOptions {
  /** Callers of each kind; each has one request under way at a time. */
  readonly users: number;
  readonly bookers: number;
  readonly revokers: number;
  /** Pause of a user and a booker after each request, milliseconds: bounds the log of a long run. */
  readonly paceMs: number;
}

interface Caller {
  step(): Promise<void>;
}

/** Traffic on both servers until it is stopped. */
export class Load {
  readonly revocations: Revocations;
  private isOver = false;
  private readonly callers: Promise<void>[];

  constructor(recorder: Recorder, population: Population, options: LoadOptions) {
    this.revocations = new Revocations(recorder, population);
    const [uses, bookings] = [new Uses(recorder, population), new Bookings(recorder, population)];
    this.callers = [
      ...this.run(uses, options.users, options.paceMs),
      ...this.run(bookings, options.bookers, options.paceMs),
      ...this.run(this.revocations, options.revokers, 0),
    ];
    // Told of by `stop`; until then a failed caller is no reason to end the process.
    for (const caller of this.callers) caller.catch(() => undefined);
  }

  /** No new requests; resolves when those under way are known. Rejects with what a caller could not go on after. */
  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.callers);
  }

  private run(caller: Caller, count: number, paceMs: number): Promise<void>[] {
    return Array.from({ length: count }, async () => {
      while (!this.isOver) {
        await caller.step();
        await pause(paceMs);
      }
    });
  }
}
