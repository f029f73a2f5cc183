import { MINUTE_MS } from '#libs/kernel';

/** Remembers which token was seen from which source in the running minute, so that each is recorded once. */
export class SeenTokens {
  private minute = 0;
  private readonly seen = new Set<string>();

  /** True when a call of this minute from this source has been recorded. */
  isKnown(tokenUid: string, source: string, nowMs: number): boolean {
    return Math.floor(nowMs / MINUTE_MS) === this.minute && this.seen.has(`${tokenUid} ${source}`);
  }

  /** True for the first call of a minute for this token and source. */
  isFirst(tokenUid: string, source: string, nowMs: number): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.seen.clear();
    }
    const key = `${tokenUid} ${source}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }
}
