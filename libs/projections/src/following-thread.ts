import { Worker } from 'node:worker_threads';
import type { Position } from '#libs/event-log';
import { backOffMs, pause } from './back-off.js';
import type { ProjectionReport, Reporter } from './projection-report.js';
import type { FromThread, ToThread } from './thread-messages.js';

export interface FollowingThreadOptions {
  /** The module that the thread runs; it ends in `followInThread`. */
  readonly entry: URL;
  /** What the module finds as `workerData`; it is cloned. */
  readonly data: unknown;
  readonly report: Reporter;
}

/** Whoever is told what the thread does. */
export interface ThreadListener {
  /** The read models are there. */
  reached(position: Position): void;
  /** It follows the log from now on, or does not for now. */
  following(isFollowing: boolean): void;
}

/**
 * Of the young generation, in MiB: three of its halves. That of the main thread is larger, for the sake of checks; in one
 * as large what a batch holds would be copied from half to half, for 14 to 32 ms at a time and on both cores.
 */
const YOUNG_MB = 48;

/**
 * A thread that keeps the read models at the end of the log, so that whoever answers requests never waits for a batch to
 * be folded. One that ends by itself is started again: its place is in the checkpoints, so nothing is lost or done twice.
 */
export class FollowingThread {
  private worker: Worker | null = null;
  private running: Promise<void> | null = null;
  /** True while it follows the log. */
  private isUp = false;

  constructor(private readonly options: FollowingThreadOptions) {}

  /** Resolves when it follows the log. Throws what keeps it from that. */
  async start(signal: AbortSignal, listener: ThreadListener): Promise<void> {
    const ended = await this.begin(listener);
    this.running = this.keep(ended, signal, listener);
  }

  /** Somebody waits for the position here: events are not left to gather until it is reached. */
  expect(position: Position): void {
    this.post({ kind: 'expect', position });
  }

  /** Ends it after the batch under way; the signal that was given to `start` must have been aborted. */
  async stop(): Promise<void> {
    if (this.isUp) this.post({ kind: 'stop' });
    // It has nothing under way yet that a lost connection does not take back.
    else void this.worker?.terminate();
    await this.running;
    this.running = null;
  }

  private post(message: ToThread): void {
    this.worker?.postMessage(message);
  }

  /** Starts the thread; resolves, once it follows, to how it will end: rejected with what went wrong, if anything. */
  private begin(listener: ThreadListener): Promise<{ readonly end: Promise<unknown> }> {
    const { entry, data, report } = this.options;
    const worker = new Worker(entry, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    // From the beginning: it may have to end before it follows.
    this.worker = worker;
    let failure: unknown = null;
    const end = new Promise<unknown>((resolve) => {
      worker.on('error', (error) => (failure = error));
      worker.on('exit', (code) => {
        this.worker = null;
        this.isUp = false;
        listener.following(false);
        resolve(failure ?? new Error(`the thread of the read models ended with ${code}`));
      });
    });
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'following') {
          this.isUp = true;
          listener.following(true);
          resolve({ end });
        } else if (message.kind === 'reached') listener.reached(message.position);
        else report(withError(message.report));
      });
      void end.then(reject);
    });
  }

  private async keep(
    first: { readonly end: Promise<unknown> },
    signal: AbortSignal,
    listener: ThreadListener,
  ): Promise<void> {
    let failures = 0;
    for (let { end } = first; ;) {
      const error = await end;
      if (signal.aborted) return;
      failures += 1;
      const delayMs = backOffMs(failures);
      this.options.report({ kind: 'retrying', activity: 'thread', error, failures, delayMs });
      await pause(delayMs, signal);
      if (signal.aborted) return;
      end = this.begin(listener).then(
        (begun) => begun.end,
        (failure: unknown) => failure,
      );
    }
  }
}

/** Makes an error of what the thread has told of one. */
function withError(report: ProjectionReport): ProjectionReport {
  if (report.kind !== 'retrying' && report.kind !== 'rebuildFailed') return report;
  const { message, ...fields } = report.error as Error;
  return { ...report, error: Object.assign(new Error(message), fields) };
}
