import type { TokenEventType } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { documentsProjection } from '#libs/projections';
import { evolveToken, initialToken } from '../domain/evolve-token.js';
import { isTokenEvent, occurredAtOf, TOKEN_EVENT_TYPES } from '../domain/folded-event.js';
import { hourOf } from './hour-of.js';
import { columnsOf, type TokenColumns, tokenOf } from './token-columns.js';

const USES = ['TokenUsed', 'TokenSeen'] as const;
type Use = (typeof USES)[number];
type Handled = TokenEventType | Use;

const uidOf = (event: RecordedEvent<Handled>): string => event.data.tokenUid;

/** Every token there ever was, as recorded, with the hour of its last use. */
export const tokensProjection = documentsProjection<TokenColumns, Handled>({
  name: 'tokens',
  table: {
    name: 'tokens',
    columns: {
      uid: 'text',
      type: 'text',
      owner_type: 'text',
      owner_uid: 'text',
      handle: 'text',
      name: 'text',
      name_key: 'text',
      description: 'text',
      prefix: 'text',
      status: 'text',
      access: 'jsonb',
      scopes: 'text[]',
      projects: 'text[]',
      environment: 'text',
      organizations: 'text[]',
      allowed_ips: 'text[]',
      created_at: 'timestamptz',
      created_by_type: 'text',
      created_by_uid: 'text',
      expires_at: 'timestamptz',
      never_reason: 'text',
      unused_since: 'timestamptz',
      revoked_at: 'timestamptz',
      revoked_by_type: 'text',
      revoked_by_uid: 'text',
      revoke_reason: 'text',
      secret_versions: 'jsonb',
      custody: 'text',
      metadata: 'jsonb',
      search: 'text',
      last_used_hour: 'timestamptz',
    },
    key: ['uid'],
  },
  handles: [...TOKEN_EVENT_TYPES, ...USES],
  partitionOf: uidOf,
  keysOf: (event) => [[uidOf(event)]],
  evolve: (row, event) => {
    if (isTokenEvent(event)) return evolveRow(row, event);
    return row === null ? null : used(row, event as RecordedEvent<Use>);
  },
});

function evolveRow(row: TokenColumns | null, event: RecordedEvent<Handled>): TokenColumns {
  // The private part stays behind: nothing that could confirm a secret gets into a table that lists are made of.
  const { private: _private, ...shown } = event;
  const token = evolveToken(row === null ? initialToken : tokenOf(row), shown);
  assert(token.phase !== 'unborn', 'every event of a token leaves a token');
  return { ...columnsOf(token), last_used_hour: row?.last_used_hour ?? null };
}

/** Uses of several processes interleave in the log: the last one is the latest by its own time. */
function used(row: TokenColumns, event: RecordedEvent<Use>): TokenColumns {
  const hour = hourOf(occurredAtOf(event));
  return row.last_used_hour !== null && row.last_used_hour >= hour ? row : { ...row, last_used_hour: hour };
}
