import { Injectable } from '@nestjs/common';
import type { CommandContext } from '#libs/contracts';
import type { LedgerJob } from '#libs/jobs';
import { DAY_MS } from '#libs/kernel';
import { UnusedSweeps } from './unused-sweeps.js';

/** Flags tokens that were not used for the number of days in force. They still work. */
@Injectable()
export class FlagUnusedTokensJob implements LedgerJob {
  readonly name = 'flag-unused-tokens';
  readonly description = 'Flags live tokens without use for the days in force, and unflags those used again.';
  readonly everyMs = DAY_MS;

  constructor(private readonly sweeps: UnusedSweeps) {}

  async run(context: CommandContext): Promise<Record<string, number>> {
    const cleared = await this.sweeps.clear(context);
    const flagged = await this.sweeps.flag(context);
    return { flagged: flagged.recorded, cleared: cleared.recorded };
  }
}
