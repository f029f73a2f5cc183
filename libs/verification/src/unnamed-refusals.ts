import type { ErrorCode } from '#libs/contracts';
import { MINUTE_MS } from '#libs/kernel';

/** Sources and codes that are told apart within a minute: a flood from ever new addresses writes no more than these. */
const TALLIES_MAX = 1_000;
/** Counts that wait to be recorded while the log is away; past this, those of one code and minute are added up. */
const FINISHED_MAX = 10_000;
const OVERFLOW_SOURCE = 'others';

/** What is to be recorded of refusals that no token can be named for. */
export interface UnnamedRefusal {
  readonly source: string;
  readonly code: ErrorCode;
  readonly count: number;
}

interface Tally {
  readonly source: string;
  readonly code: ErrorCode;
  rest: number;
}

/**
 * Refused uses where no token can be named: the first of a source, code and minute is recorded by itself, the rest by
 * one count. A flood of made-up tokens then costs a counter, and grows neither memory nor the log beyond a bound.
 */
export class UnnamedRefusals {
  /** Refusals so far, for metrics. */
  counted = 0;
  private minute = Number.NEGATIVE_INFINITY;
  private tallies = new Map<string, Tally>();
  private finished: UnnamedRefusal[] = [];

  /** Sources and codes that are told apart at this moment. */
  get sources(): number {
    return this.tallies.size;
  }

  /** Refusals that are counted in memory and not in the log yet. */
  get unrecorded(): number {
    const waiting = this.finished.reduce((sum, { count }) => sum + count, 0);
    return [...this.tallies.values()].reduce((sum, { rest }) => sum + rest, waiting);
  }

  /** Counts one refusal; true when it is the first of its source, code and minute, and has to be recorded now. */
  isFirst(source: string | null, code: ErrorCode, nowMs: number): boolean {
    this.counted += 1;
    this.turnTo(nowMs);
    const known = this.tallies.get(keyOf(code, source)) ?? this.overflow(code);
    if (known === undefined) {
      const name = this.tallies.size < TALLIES_MAX ? (source ?? 'unknown') : OVERFLOW_SOURCE;
      this.tallies.set(keyOf(code, name), { source: name, code, rest: 0 });
      return true;
    }
    known.rest += 1;
    return false;
  }

  /** Takes out the counts of minutes that are over (all of them when `everything`), for recording. */
  takeFinished(nowMs: number, everything = false): UnnamedRefusal[] {
    this.turnTo(nowMs);
    if (everything) this.finish();
    return this.finished.splice(0);
  }

  /** Takes back counts that could not be recorded; they are taken out again the next time. */
  giveBack(refusals: readonly UnnamedRefusal[]): void {
    this.finished.push(...refusals);
    if (this.finished.length > FINISHED_MAX) this.finished = addedUp(this.finished);
  }

  private overflow(code: ErrorCode): Tally | undefined {
    return this.tallies.size < TALLIES_MAX ? undefined : this.tallies.get(keyOf(code, OVERFLOW_SOURCE));
  }

  private turnTo(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute <= this.minute) return;
    this.finish();
    this.minute = minute;
  }

  private finish(): void {
    const over = [...this.tallies.values()].filter(({ rest }) => rest > 0);
    this.tallies.clear();
    this.giveBack(over.map(({ source, code, rest }) => ({ source, code, count: rest })));
  }
}

function keyOf(code: ErrorCode, source: string | null): string {
  return `${code} ${source ?? 'unknown'}`;
}

/** One count for each code: no refusal is lost, only who it came from. */
function addedUp(refusals: readonly UnnamedRefusal[]): UnnamedRefusal[] {
  const counts = new Map<ErrorCode, number>();
  for (const { code, count } of refusals) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts].map(([code, count]) => ({ source: OVERFLOW_SOURCE, code, count }));
}
