import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { ChargeEvent } from './charge-event.js';

/** Whose charges: those of one account, or of all organizations. */
export type FeedScope = { readonly accountUid: string } | 'organizations';

export interface FeedPage {
  /** Cursor of the page before; absent: from the first charge. */
  readonly after?: string;
  readonly limit: number;
  /** Seconds to wait for a charge when there is none. */
  readonly wait: number;
}

export interface ChargeFeed {
  readonly events: readonly ChargeEvent[];
  /** Cursor of the next page; also when there is nothing yet. */
  readonly next: string;
}

/** A page of a feed of charges, oldest first. */
export class ListCharges extends Query<ChargeFeed> {
  constructor(
    readonly principal: Principal,
    readonly scope: FeedScope,
    readonly page: FeedPage,
    /** Aborted when nobody waits for the answer any more. */
    readonly signal: AbortSignal,
  ) {
    super();
  }
}
