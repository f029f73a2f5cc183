import { Injectable } from '@nestjs/common';
import type { CommandContext } from '#libs/contracts';
import type { LedgerJob } from '#libs/jobs';
import { UnusedSweeps } from './unused-sweeps.js';

/** Unflags soon what the daily job flags: whoever reviews unused tokens should not see one that is in use again. */
@Injectable()
export class ClearUnusedFlagsJob implements LedgerJob {
  readonly name = 'clear-unused-flags';
  readonly description = 'Takes the flag off unused tokens that were used again.';
  readonly everyMs = 60_000;

  constructor(private readonly sweeps: UnusedSweeps) {}

  async run(context: CommandContext): Promise<Record<string, number>> {
    const { recorded } = await this.sweeps.clear(context);
    return { cleared: recorded };
  }
}
