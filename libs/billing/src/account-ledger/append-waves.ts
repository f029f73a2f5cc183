import { type AppendResult, type EventLog, type Position, RevisionConflict } from '#libs/event-log';
import type { AppendBatch } from './append-batch.js';
import { Contention } from './contention.js';
import type { LiveAccount } from './live-account.js';

export interface AppendReport {
  stored(account: LiveAccount, batch: AppendBatch, position: Position): void;
  failed(account: LiveAccount, batch: AppendBatch, error: unknown): void;
}

/**
 * Sends the batches of accounts, at most one of an account at a time: were a second one under way, and another node
 * faster than the first by as many events as that holds, the second would find the revision that it expects, and be
 * stored on a state that never was.
 *
 * What is decided while appends are under way goes out together when the first of them is answered, in time for the
 * log's next flush: so flushes are as full as if every command were a request of its own, without a timer.
 */
export class AppendWaves {
  private readonly ready = new Set<LiveAccount>();
  private readonly contention = new Contention();
  private underWay = 0;
  private isScheduled = false;

  constructor(
    private readonly log: EventLog,
    private readonly report: AppendReport,
  ) {}

  /** Sends the account's waiting batch as soon as it is its turn. */
  submit(account: LiveAccount): void {
    if (account.underWay !== null || account.isResting) return;
    this.ready.add(account);
    if (this.underWay === 0) this.schedule();
  }

  /** After the callbacks of this turn of the event loop, whose commands still come along. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.sendReady();
    });
  }

  private sendReady(): void {
    const accounts = [...this.ready];
    this.ready.clear();
    for (const account of accounts) this.send(account);
  }

  private send(account: LiveAccount): void {
    const batch = account.waiting.shift();
    if (batch === undefined) return;
    account.underWay = batch;
    this.underWay += 1;
    const started = performance.now();
    this.store(batch).then(
      ({ position }) => {
        this.rest(account, started);
        this.release(account);
        // What waits has gone to the log before those who were stored are told: the log stores while they answer.
        this.report.stored(account, batch, position);
      },
      (error: unknown) => {
        if (error instanceof RevisionConflict) this.contention.notice(account.state.uid, performance.now());
        // What was built on it is void, and must not go to the log.
        this.report.failed(account, batch, error);
        this.release(account);
      },
    );
  }

  private async store(batch: AppendBatch): Promise<AppendResult> {
    return this.log.append(batch.request());
  }

  /** Lets the account's next batch go, and all others that wait. */
  private release(account: LiveAccount): void {
    this.underWay -= 1;
    account.underWay = null;
    if (account.waiting.length > 0 && !account.isResting) this.ready.add(account);
    this.sendReady();
  }

  /** Lets another node that writes to the account take its turn. */
  private rest(account: LiveAccount, started: number): void {
    const now = performance.now();
    const pauseMs = this.contention.pauseMs(account.state.uid, now - started, now);
    if (pauseMs === 0) return;
    account.isResting = true;
    setTimeout(() => {
      account.isResting = false;
      this.send(account);
    }, pauseMs);
  }
}
