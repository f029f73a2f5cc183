/**
 * A read that many ask for at once: each gets the answer of a read that began after it asked, and whoever asks while one
 * is under way shares the next.
 */
export class SharedRead<T> {
  private running: Promise<T> | null = null;
  private next: Promise<T> | null = null;

  constructor(private readonly read: () => Promise<T>) {}

  /** True while somebody waits for an answer. */
  get isRunning(): boolean {
    return this.running !== null || this.next !== null;
  }

  /** Throws what the read throws. */
  get(): Promise<T> {
    if (this.running === null) return this.start();
    this.next ??= this.running.then(
      () => this.startNext(),
      () => this.startNext(),
    );
    return this.next;
  }

  private startNext(): Promise<T> {
    this.next = null;
    return this.start();
  }

  private start(): Promise<T> {
    const running = this.read().finally(() => {
      if (this.running === running) this.running = null;
    });
    this.running = running;
    return running;
  }
}
