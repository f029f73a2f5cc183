import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Takes back what a benchmark has started, in reverse order: at its end, when it fails, and on Ctrl-C. */
export class CleanUp {
  private readonly steps: (() => Promise<void> | void)[] = [];
  private readonly folders: string[] = [];
  private under: Promise<void> | null = null;
  private stoppedBy: NodeJS.Signals | null = null;

  constructor() {
    const stop = (signal: NodeJS.Signals): void => {
      this.stoppedBy ??= signal;
      void this.run().finally(() => process.exit());
    };
    // A second signal must not keep the first one's work from being done.
    for (const signal of SIGNALS) process.on(signal, stop);
    // Also when a part that listens for signals itself ends the process first.
    process.on('exit', () => {
      this.removeFolders();
      if (this.stoppedBy !== null) process.exitCode = 128 + constants.signals[this.stoppedBy];
    });
  }

  /** True when somebody has called the benchmark off: whatever fails from then on says nothing. */
  get isCalledOff(): boolean {
    return this.stoppedBy !== null;
  }

  /** Registers how to stop what was just started. */
  add(step: () => Promise<void> | void): void {
    this.steps.push(step);
  }

  /** A folder that is removed last of all. */
  async temporaryFolder(name: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), `token-ledger-bench-${name}-`));
    this.folders.push(folder);
    return folder;
  }

  /** Runs every step once; one that fails is told of and does not keep the others from running. */
  run(): Promise<void> {
    this.under ??= this.runAll().finally(() => (this.under = null));
    return this.under;
  }

  private async runAll(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        console.error(error);
      }
    }
    this.removeFolders();
  }

  private removeFolders(): void {
    for (const folder of this.folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
