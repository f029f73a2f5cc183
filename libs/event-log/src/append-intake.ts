import type { AppendActivity } from './append-activity.js';
import { type AppendRequest, type AppendResult, LogUnavailable } from './event-log.js';
import { waitingRequest, type WaitingRequest } from './waiting-request.js';

/** At most so much shares a flush: beyond it only the waiting grows. `size`: characters of all events. */
export const FLUSH_LIMITS = { requests: 500, size: 4 * 1024 * 1024 } as const;

export interface AppendIntakeOptions {
  readonly maxWaiting: number;
  readonly activity: AppendActivity;
  /** Takes requests out of `waiting` and answers each of them, sooner or later. Must not throw. */
  readonly flush: () => Promise<void>;
}

/**
 * The requests that wait for a flush. They queue while one is under way and share the next one, which is sent before those
 * of the last one are told: so the more of them there are, the less each costs, and a single one waits for nothing. One flush
 * is in flight at a time.
 */
export class AppendIntake {
  /** In the order in which they were handed in. */
  waiting: WaitingRequest[] = [];
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: AppendIntakeOptions) {}

  add(request: AppendRequest): Promise<AppendResult> {
    if (this.closed) return Promise.reject(new LogUnavailable('the event log is closed'));
    const { activity, maxWaiting } = this.options;
    if (activity.waiting >= maxWaiting) {
      activity.rejected += 1;
      return Promise.reject(new LogUnavailable('too many appends are waiting'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push(
        waitingRequest(request, (answer) => {
          activity.waiting -= 1;
          if (answer instanceof Error) return reject(answer);
          if (!answer.duplicate) activity.onStored(request);
          resolve(answer);
        }),
      );
      activity.waiting += 1;
      this.running ??= this.run();
    });
  }

  /** Answers those of a flush that failed and all that wait: they would build on what may not be there. */
  giveUp(flushed: readonly WaitingRequest[], error: Error): void {
    const failed = [...flushed, ...this.waiting];
    this.waiting = [];
    this.options.activity.failed += failed.length;
    this.options.activity.lastFailure = error;
    for (const waiting of failed) waiting.answer(error);
  }

  /** Refuses further requests and waits until those that are waiting are answered. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private async run(): Promise<void> {
    // Once round the event loop: those who ask in the same turn share the first flush.
    await nextTurn();
    while (this.waiting.length > 0) {
      await this.options.flush();
      await handedIn();
    }
    this.running = null;
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Promise reactions between the answer to a request and whatever its asker hands in next, with room to spare. */
const REACTIONS = 10;

/**
 * Until those who were answered have handed in what they kept back. A turn of the event loop would be too long: the
 * store would be idle while everybody who was answered is told, which it can work beside.
 */
async function handedIn(): Promise<void> {
  for (let reaction = 0; reaction < REACTIONS; reaction += 1) await Promise.resolve();
}
