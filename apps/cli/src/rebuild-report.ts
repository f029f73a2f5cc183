import { type Position, shareOfLog } from '#libs/event-log';
import type { RebuildProgress, RebuildResult } from '#libs/projections';
import { count, rate } from './progress-text.js';

const EVERY_MS = 1000;

/** Turns the progress of a rebuild into lines for a person: at most one a second, and one for each new phase. */
export class RebuildReport {
  private phase: RebuildProgress['phase'] | null = null;
  private saidAtMs = Number.NEGATIVE_INFINITY;

  /** `head` is where the log stood at the beginning; it may grow meanwhile. `elapsedMs` counts from that moment. */
  constructor(
    private readonly head: Position,
    private readonly elapsedMs: () => number,
    private readonly say: (line: string) => void,
  ) {}

  /** Takes a step of the rebuild. */
  progress({ phase, events, position }: RebuildProgress): void {
    const nowMs = this.elapsedMs();
    if (phase === this.phase && nowMs - this.saidAtMs < EVERY_MS) return;
    this.phase = phase;
    this.saidAtMs = nowMs;
    const percent = Math.floor(shareOfLog(position, this.head) * 100);
    this.say(`${phase}: ${percent} %, ${count(events)} events, ${rate(events, nowMs)}`);
  }

  /** Says what was done. */
  result({ projections, events, durationMs }: RebuildResult): void {
    const took = `${(durationMs / 1000).toFixed(1)} s (${rate(events, durationMs)})`;
    this.say(`Rebuilt ${projections.join(', ')} from ${count(events)} events in ${took}.`);
  }
}
