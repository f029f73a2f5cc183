/** How long an account is taken for contended after another node was faster. */
const CONTENDED_MS = 1_000;
const PAUSE_MS_MAX = 50;
const REMEMBERED_MAX = 1_000;

/**
 * Accounts to which another node writes at the same time. A node that sends its next append as soon as the last one was
 * answered is always faster than one that has to read the account again first, and that one would never get its turn:
 * so whoever has noticed the other one pauses after each append.
 */
export class Contention {
  private readonly until = new Map<string, number>();

  /** Another node was faster on the account. `now`: milliseconds of a monotonic clock. */
  notice(accountUid: string, now: number): void {
    if (this.until.size >= REMEMBERED_MAX) this.until.clear();
    this.until.set(accountUid, now + CONTENDED_MS);
  }

  /** Milliseconds to pause after an append that took `tookMs`: as long as the other node needs to read and to append. */
  pauseMs(accountUid: string, tookMs: number, now: number): number {
    const until = this.until.get(accountUid);
    if (until === undefined) return 0;
    if (now < until) return Math.min(PAUSE_MS_MAX, Math.ceil(2 * tookMs) + 1);
    this.until.delete(accountUid);
    return 0;
  }
}
