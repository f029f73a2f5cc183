/** For so long after another process wrote, it is taken to have more to write. */
const RIVAL_FOR_MS = 1_000;
/** A turn may have met a stall of the server; nobody waits for another one like it. */
const LONGEST_WAY_MS = 100;
/** Of its own turn: what the others had decided before it may be stale by it, and has to be decided again first. */
const WAY_SHARE = 2;

/**
 * Whose turn it is among processes that write to one stream under its revision. Whoever has just written knows first that
 * the stream is free, so that it would win every time: after a turn of its own it lets twice the time go by that the turn
 * took, which is about what the others need to see that it has ended, to decide on what it wrote, and to begin theirs.
 *
 * Instants are of the monotonic clock, in milliseconds.
 */
export class WritersTurn {
  private rivalAt = -Infinity;
  private beganAt = 0;
  private endedAt = -Infinity;

  /** Another process has written. */
  noticeRival(at: number): void {
    this.rivalAt = at;
    this.endedAt = -Infinity;
  }

  begin(at: number): void {
    this.beganAt = at;
  }

  end(at: number): void {
    this.endedAt = at;
  }

  /** How long to wait yet before the next turn: 0 unless the last one was this process's own, and others want theirs. */
  wayMs(now: number): number {
    if (now - this.rivalAt >= RIVAL_FOR_MS) return 0;
    const wayMs = Math.min((this.endedAt - this.beganAt) * WAY_SHARE, LONGEST_WAY_MS);
    return Math.max(0, this.endedAt + wayMs - now);
  }
}
