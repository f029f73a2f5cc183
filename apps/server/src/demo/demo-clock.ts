import { SystemClock } from '#libs/kernel';

/**
 * The clock of a server that is to tell a history before it serves: it stands where the history is, and goes with the
 * machine's own from `release` on.
 */
export class DemoClock extends SystemClock {
  private pinnedMs: number | null = null;

  override now(): number {
    return this.pinnedMs ?? super.now();
  }

  /** Moves to an instant (epoch ms), or a millisecond on where that has passed: no history goes backwards. */
  moveTo(epochMs: number): void {
    this.pinnedMs = this.pinnedMs === null ? epochMs : Math.max(epochMs, this.pinnedMs + 1);
  }

  release(): void {
    this.pinnedMs = null;
  }
}
