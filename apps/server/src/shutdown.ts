import type { FastifyBaseLogger } from 'fastify';

interface Step {
  readonly name: string;
  readonly run: () => Promise<void>;
}

const BOUND_MS = 35_000;

/**
 * Stops the parts of the server in the reverse of the order in which they were started, each after the one that uses
 * it: no new requests, then jobs, then what is still to be written, then connections, PostgreSQL last.
 */
export class Shutdown {
  private readonly steps: Step[] = [];
  private under: Promise<void> | null = null;

  constructor(private readonly log: Pick<FastifyBaseLogger, 'info' | 'error'>) {}

  /** Registers how to stop what was just started. */
  add(name: string, run: () => Promise<void>): void {
    this.steps.push({ name, run });
  }

  /** True from the first call of run on. */
  get draining(): boolean {
    return this.under !== null;
  }

  /** Runs every step, last added first; a failing step is logged and does not keep the others from running. */
  run(): Promise<void> {
    this.under ??= this.stopAll();
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

  private async stopAll(): Promise<void> {
    for (const step of this.steps.reverse()) {
      try {
        await step.run();
      } catch (error) {
        this.log.error({ err: error, step: step.name }, 'a part did not stop in order');
      }
    }
  }
}
