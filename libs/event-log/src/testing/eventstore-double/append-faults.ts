/**
 * What may happen to an append: it is refused, by a server that is away, is not the leader, is not ready, or gave up
 * waiting; or it is stored, and its answer is lost, lost with the server, sent twice, or late.
 */
export type Fault =
  | 'none'
  | 'unavailable'
  | 'notLeader'
  | 'timeout'
  | 'notReady'
  | 'dropAfterCommit'
  | 'restartAfterCommit'
  | 'answerTwice'
  | 'delayedAnswer';

/** The faults that the next appends meet, in order. */
export class AppendFaults {
  private readonly waiting: Fault[] = [];
  private isHeld = false;
  private release: () => void = () => undefined;
  private gate: Promise<void> = Promise.resolve();

  add(...faults: Fault[]): void {
    this.waiting.push(...faults);
    if (!faults.includes('delayedAnswer') || this.isHeld) return;
    this.isHeld = true;
    this.gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  get left(): number {
    return this.waiting.length;
  }

  next(): Fault | undefined {
    return this.waiting.shift();
  }

  /** Resolves when answers that are held back may go. */
  released(): Promise<void> {
    return this.gate;
  }

  /** Lets the answers go that are held back. */
  letGo(): void {
    this.isHeld = false;
    this.release();
  }
}
