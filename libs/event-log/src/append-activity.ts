import type { AppendRequest } from './event-log.js';

/** A flush that was stored. */
export interface StoredFlush {
  readonly requests: number;
  /** From when it was sent until it was known to be stored, sent again or not. */
  readonly durationMs: number;
}

/**
 * What appends of a log have come to since it was opened, for metrics: plain numbers that are read when they are asked
 * for, because a counter that looks up labels costs more than an append.
 */
export class AppendActivity {
  /** Requests that are not answered yet. */
  waiting = 0;
  /** Requests that were turned away because too many were waiting. */
  rejected = 0;
  /** Requests that were given up because the store did not answer, or its answer was no use. */
  failed = 0;
  /** Flushes of which nothing was stored because of one or more of their requests; the others were sent again. */
  resent = 0;

  /** Why requests were given up last; null as soon as a flush is stored. */
  lastFailure: Error | null = null;
  /** Called with each flush that was stored. */
  readonly onFlush: (flush: StoredFlush) => void;
  /** Called with each request that was stored, before it is answered; not with one that had been stored before. */
  readonly onStored: (request: AppendRequest) => void;

  /** Both are told of what was stored, and must not throw. */
  constructor(
    onFlush: (flush: StoredFlush) => void = () => undefined,
    onStored: (request: AppendRequest) => void = () => undefined,
  ) {
    this.onFlush = (flush) => {
      this.lastFailure = null;
      onFlush(flush);
    };
    this.onStored = onStored;
  }
}
