import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor } from '#libs/http';
import type { FeedScope } from './list-charges.query.js';

/** What a cursor belongs to: one of another ledger, or of another feed, would pass over charges without a sign. */
export interface FeedIdentity {
  readonly installationUid: string;
  readonly scope: FeedScope;
}

/** `place`: where the next page begins, as the source of feeds tells it. */
export function encodeFeedCursor(feed: FeedIdentity, place: bigint): string {
  return encodeCursor([feed.installationUid, scopeText(feed.scope), place.toString()]);
}

/** The place at which the page begins. Refuses `invalid_cursor`. */
export function decodeFeedCursor(feed: FeedIdentity, cursor: string | undefined): bigint {
  if (cursor === undefined) return 0n;
  const [installationUid, scope, place = ''] = decodeCursor(cursor, 3);
  if (installationUid !== feed.installationUid || scope !== scopeText(feed.scope)) throw refuse('invalid_cursor');
  if (!/^(0|[1-9][0-9]{0,17})$/.test(place)) throw refuse('invalid_cursor');
  return BigInt(place);
}

function scopeText(scope: FeedScope): string {
  return scope === 'organizations' ? scope : scope.accountUid;
}
