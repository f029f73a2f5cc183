import type { FastifyBaseLogger } from 'fastify';
import { within } from '#libs/kernel';

interface Step {
  readonly name: string;
  readonly run: () => Promise<void>;
  readonly isLast: boolean;
}

const BOUND_MS = 35_000;
/** Of each part, where what it would wait for is gone for good. */
const GIVEN_UP_STEP_MS = 500;

/**
 * Stops the parts of the server in the reverse of the order in which they were started, each after the one that uses
 * it: no new requests, then jobs, then what is still to be written, then connections, PostgreSQL last.
 */
export class Shutdown {
  private readonly steps: Step[] = [];
  private under: Promise<void> | null = null;

  constructor(private readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>) {}

  /** Registers how to stop what was just started. `isLast`: all else rests on it, so it is waited for in any case. */
  add(name: string, run: () => Promise<void>, { isLast = false } = {}): void {
    this.steps.push({ name, run, isLast });
  }

  /** True from the first call of run on. */
  get draining(): boolean {
    return this.under !== null;
  }

  /** Runs every step, last added first; a failing step is logged and does not keep the others from running. */
  run(): Promise<void> {
    this.under ??= this.stopAll(BOUND_MS);
    return this.under;
  }

  /** Like `run`, where PostgreSQL is gone for good: a part that waits for it waits in vain, and is left after a moment. */
  giveUp(): Promise<void> {
    this.under ??= this.stopAll(GIVEN_UP_STEP_MS);
    return this.under;
  }

  /** Ctrl-C and SIGTERM stop in order; a second signal, or the bound, ends the process at once. */
  listen(signals: NodeJS.EventEmitter = process): void {
    const stop = (signal: NodeJS.Signals) => {
      if (this.draining) process.exit(130);
      this.log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), BOUND_MS).unref();
      void this.run().then(() => process.exit(0));
    };
    signals.on('SIGINT', stop);
    signals.on('SIGTERM', stop);
  }

  private async stopAll(stepMs: number): Promise<void> {
    for (const step of this.steps.reverse()) {
      try {
        const stopped = step.run();
        await (step.isLast ? stopped : within(stepMs, stopped, () => undefined));
      } catch (error) {
        this.log.error({ err: error, step: step.name }, 'a part did not stop in order');
      }
    }
  }
}
