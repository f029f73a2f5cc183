import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { requireChargesOf, requireChargesOfAll } from '../domain/account-access.js';
import { chargeEventOf } from './charge-event.js';
import { decodeFeedCursor, encodeFeedCursor } from './feed-cursor.js';
import { FeedSource } from './feed-source.js';
import { type ChargeFeed, ListCharges } from './list-charges.query.js';

const SECOND_MS = 1_000;

@QueryHandler(ListCharges)
export class ListChargesHandler implements IQueryHandler<ListCharges> {
  constructor(
    private readonly source: FeedSource,
    private readonly ledger: AccountLedger,
  ) {}

  async execute(query: ListCharges): Promise<ChargeFeed> {
    await this.requireFeed(query);
    const { scope, page, signal } = query;
    const feed = { scope, installationUid: await this.source.installation() };
    const from = decodeFeedCursor(feed, page.after);
    const waitMs = page.wait * SECOND_MS;
    const { entries, next } = await this.source.read({ scope, from, limit: page.limit, waitMs, signal });
    return {
      events: entries.map((entry) => chargeEventOf(entry, feed.installationUid)),
      next: encodeFeedCursor(feed, next),
    };
  }

  private async requireFeed({ principal, scope }: ListCharges): Promise<void> {
    if (scope === 'organizations') return requireChargesOfAll(principal);
    requireChargesOf(principal, scope.accountUid);
    // An account without a charge has a feed, too; one that does not exist has none.
    await this.ledger.read(scope.accountUid);
  }
}
