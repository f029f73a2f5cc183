import { type IdempotencyStore, purgeIdempotencyKeys } from '#libs/http';
import type { LedgerJob } from '#libs/jobs';
import { type Clock, HOUR_MS } from '#libs/kernel';

/** Keeps the table of idempotency keys as small as what is remembered; a key is as good as new by its age alone. */
export class ForgetKeysJob implements LedgerJob {
  readonly name = 'forget-idempotency-keys';
  readonly description = 'Deletes idempotency keys of calls that moved no money and are older than 24 hours.';
  readonly everyMs = HOUR_MS;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<Record<string, number>> {
    return { forgotten: await purgeIdempotencyKeys(this.store, this.clock) };
  }
}
