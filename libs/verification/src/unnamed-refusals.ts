import type { ErrorCode } from '#libs/contracts';

const MINUTE_MS = 60_000;
/** Sources that are told apart within a minute; those beyond share one counter, so a flood cannot grow memory. */
const SOURCES_MAX = 10_000;
const OVERFLOW_SOURCE = 'others';

interface Tally {
  readonly minute: number;
  readonly source: string;
  readonly code: ErrorCode;
  rest: number;
}

/** What is to be recorded of refusals that no token can be named for. */
export interface UnnamedRefusal {
  readonly source: string;
  readonly code: ErrorCode;
  readonly count: number;
}

/**
 * Refused uses where no token can be named: the first of a source, code and minute is recorded by itself, the rest by
 * one count. A flood of made-up tokens then costs a counter and never grows the log.
 */
export class UnnamedRefusals {
  private readonly tallies = new Map<string, Tally>();

  /** Counts one refusal; true when it is the first of its source, code and minute, and has to be recorded now. */
  isFirst(source: string | null, code: ErrorCode, nowMs: number): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const name = this.tallies.size < SOURCES_MAX ? (source ?? 'unknown') : OVERFLOW_SOURCE;
    const key = `${minute} ${code} ${name}`;
    const tally = this.tallies.get(key);
    if (tally !== undefined) {
      tally.rest += 1;
      return false;
    }
    this.tallies.set(key, { minute, source: name, code, rest: 0 });
    return true;
  }

  /** Takes out the counts of minutes that are over (all of them when `everything`), for recording. */
  takeFinished(nowMs: number, everything = false): UnnamedRefusal[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const finished: UnnamedRefusal[] = [];
    for (const [key, tally] of this.tallies) {
      if (!everything && tally.minute >= minute) continue;
      this.tallies.delete(key);
      if (tally.rest > 0) finished.push({ source: tally.source, code: tally.code, count: tally.rest });
    }
    return finished;
  }
}
