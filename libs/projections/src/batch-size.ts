const SMALLEST = 100;
const QUICK_MS = 250;
const SLOW_MS = 1000;

/**
 * How many events to apply at once: more while whole batches go through quickly, because a document that many events
 * change is then written once for all of them; fewer when a batch takes so long that readers would wait for it.
 */
export class BatchSize {
  private size: number;
  private readonly largest: number;

  constructor(usual: number) {
    this.size = usual;
    this.largest = usual * 4;
  }

  get limit(): number {
    return this.size;
  }

  /** Learns from a batch of so many events that took so long. */
  learn(events: number, durationMs: number): void {
    if (durationMs > SLOW_MS) this.size = Math.max(SMALLEST, this.size >> 1);
    else if (events >= this.size && durationMs < QUICK_MS) this.size = Math.min(this.largest, this.size * 2);
  }
}
