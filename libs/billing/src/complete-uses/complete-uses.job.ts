import type { LedgerJob } from '#libs/jobs';
import type { UseCompleter } from './use-completer.js';

/** Writes the TokenUsed of charges whose process died in between; only for a log that may part the two. */
export class CompleteUsesJob implements LedgerJob {
  readonly name = 'complete-uses';
  readonly description = 'Records the uses that were charged by a process which died before it could record them.';
  readonly everyMs = 30_000;

  constructor(private readonly completer: UseCompleter) {}

  async run(): Promise<Record<string, number>> {
    return { ...(await this.completer.run()) };
  }
}
