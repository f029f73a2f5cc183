import { isRefusal, refuse } from '#libs/contracts';
import { formatPosition, parsePosition, type Position, START } from '#libs/event-log';
import { decodeCursor, encodeCursor } from '#libs/http';
import type { FeedScope } from './list-charges.query.js';

/** What a cursor belongs to: one of another ledger, or of another feed, would pass over charges without a sign. */
export interface FeedIdentity {
  readonly installationUid: string;
  readonly scope: FeedScope;
}

export function encodeFeedCursor(feed: FeedIdentity, position: Position): string {
  return encodeCursor([feed.installationUid, scopeText(feed.scope), formatPosition(position)]);
}

/** The position after which the page begins. Refuses `invalid_cursor`. */
export function decodeFeedCursor(feed: FeedIdentity, cursor: string | undefined): Position {
  if (cursor === undefined) return START;
  const [installationUid, scope, position = ''] = decodeCursor(cursor, 3);
  if (installationUid !== feed.installationUid || scope !== scopeText(feed.scope)) throw refuse('invalid_cursor');
  try {
    return parsePosition(position);
  } catch (error) {
    throw isRefusal(error) ? refuse('invalid_cursor') : error;
  }
}

function scopeText(scope: FeedScope): string {
  return scope === 'organizations' ? scope : scope.accountUid;
}
