import type { EventType } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { formatPosition } from '#libs/event-log';
import { documentsProjection, type Projection, type Row, rowsProjection, termsProjection } from '../projection.js';

/** Every type of column, in rows of each event. */
export const entries = rowsProjection<Row, 'TokenUsed' | 'TokenRevoked' | 'OrgCharged'>({
  name: 'entries',
  table: {
    name: 'entries',
    columns: {
      position: 'bigint',
      type: 'text',
      tags: 'text[]',
      length: 'integer',
      cost: 'numeric',
      free: 'boolean',
      recorded_at: 'timestamptz',
      data: 'jsonb',
    },
    key: ['position'],
  },
  handles: ['TokenUsed', 'TokenRevoked', 'OrgCharged'],
  partitionOf: (event) => event.stream,
  rows: (event) => [
    {
      position: formatPosition(event.position),
      type: event.type,
      tags: [event.stream, event.type],
      length: event.stream.length,
      cost: costOf(event),
      free: costOf(event) === null,
      recorded_at: event.recordedAt,
      data: event.data,
    },
  ],
});

interface TokenRow extends Row {
  readonly uid: string;
  readonly uses: number;
  readonly cost: string;
  readonly first_used_at: string;
  readonly resources: readonly string[];
  readonly payers: { readonly [payer: string]: number };
}

/** A document per token, which goes when the token is revoked. */
export const tokens = documentsProjection<TokenRow, 'TokenUsed' | 'TokenRevoked'>({
  name: 'tokens',
  table: {
    name: 'tokens',
    columns: {
      uid: 'text',
      uses: 'integer',
      cost: 'numeric',
      first_used_at: 'timestamptz',
      resources: 'text[]',
      payers: 'jsonb',
    },
    key: ['uid'],
  },
  handles: ['TokenUsed', 'TokenRevoked'],
  partitionOf: (event) => event.data.tokenUid,
  keysOf: (event) => [[event.data.tokenUid]],
  evolve: (row, event) => {
    if (isType(event, 'TokenRevoked')) return null;
    const { tokenUid, cost, resource, payer: account } = (event as RecordedEvent<'TokenUsed'>).data;
    const payer = account ?? 'nobody';
    return {
      uid: tokenUid,
      uses: (row?.uses ?? 0) + 1,
      cost: (BigInt(row?.cost ?? '0') + BigInt(cost)).toString(),
      first_used_at: row?.first_used_at ?? event.recordedAt,
      resources: [...new Set([...(row?.resources ?? []), ...(resource === null ? [] : [resource])])],
      payers: { ...row?.payers, [payer]: (row?.payers[payer] ?? 0) + 1 },
    };
  },
});

/** A document with a key of two columns, one of them an instant. */
export const usageHours = documentsProjection<Row, 'TokenUsed'>({
  name: 'usage-hours',
  table: {
    name: 'usage_hours',
    columns: { token_uid: 'text', started_at: 'timestamptz', uses: 'bigint' },
    key: ['token_uid', 'started_at'],
  },
  handles: ['TokenUsed'],
  partitionOf: (event) => event.data.tokenUid,
  keysOf: (event) => [[event.data.tokenUid, `${event.recordedAt.slice(0, 13)}:00:00.000Z`]],
  evolve: (row, _event, [tokenUid = '', startedAt = '']) => ({
    token_uid: tokenUid,
    started_at: startedAt,
    uses: (BigInt((row?.['uses'] as string | undefined) ?? '0') + 1n).toString(),
  }),
});

/** Two documents per event: the account's, and the sum of all. */
export const balances = documentsProjection<Row, 'OrgCharged'>({
  name: 'balances',
  table: { name: 'balances', columns: { account_uid: 'text', charged: 'numeric' }, key: ['account_uid'] },
  handles: ['OrgCharged'],
  partitionOf: (event) => event.data.accountUid,
  keysOf: (event) => [[event.data.accountUid], ['all']],
  evolve: (row, event, [accountUid = '']) => ({
    account_uid: accountUid,
    charged: (BigInt((row?.['charged'] as string | undefined) ?? '0') + BigInt(event.data.amount)).toString(),
  }),
});

interface Sums {
  readonly uid: string;
  readonly uses: number;
  readonly cost: bigint;
  readonly lastAt: string | null;
  readonly lastOperation: string | null;
}

/** A document that the table sums up, with what came last by its own time. */
export const sums = documentsProjection<Row, 'TokenUsed', Sums>({
  name: 'sums',
  table: {
    name: 'sums',
    columns: { uid: 'text', uses: 'bigint', cost: 'numeric', last_at: 'timestamptz', last_operation: 'text' },
    key: ['uid'],
  },
  handles: ['TokenUsed'],
  partitionOf: (event) => event.data.tokenUid,
  keysOf: (event) => [[event.data.tokenUid]],
  evolve: (state, event, [uid = '']) => {
    const { uses, cost, lastAt, lastOperation } = state ?? { uses: 0, cost: 0n, lastAt: null, lastOperation: null };
    const isLater = lastAt === null || event.recordedAt > lastAt;
    return {
      uid,
      uses: uses + 1,
      cost: cost + BigInt(event.data.cost),
      lastAt: isLater ? event.recordedAt : lastAt,
      lastOperation: isLater ? event.data.operation : lastOperation,
    };
  },
  merge: { add: ['uses', 'cost'], latest: { by: 'last_at', columns: ['last_operation'] } },
  stored: {
    rowOf: ({ uid, uses, cost, lastAt, lastOperation }) => {
      return { uid, uses: String(uses), cost: String(cost), last_at: lastAt, last_operation: lastOperation };
    },
    stateOf: ({ uid, uses, cost, last_at: lastAt, last_operation: lastOperation }) =>
      ({ uid, uses: Number(uses), cost: BigInt(cost as string), lastAt, lastOperation }) as Sums,
  },
});

/** In which blocks of eight positions a token, or a charged account, stands. */
export const places = termsProjection<'TokenUsed' | 'OrgCharged'>({
  name: 'places',
  tableName: 'places',
  blockSize: 8,
  handles: ['TokenUsed', 'OrgCharged'],
  partitionOf: (event) => event.stream,
  terms: ({ type, data }) => {
    const uid = 'cost' in data ? data.tokenUid : data.accountUid;
    return [type.length, -2_147_483_648, ...[...uid].map((letter) => letter.charCodeAt(0))];
  },
});

export const sampleProjections: readonly Projection[] = [tokens, entries, usageHours, balances, sums, places];

export const SAMPLE_TABLES = [
  `CREATE TABLE read_model.entries (
     position bigint CONSTRAINT "PK_entries" PRIMARY KEY, type text NOT NULL, tags text[] NOT NULL,
     length integer NOT NULL, cost numeric, free boolean NOT NULL, recorded_at timestamptz NOT NULL, data jsonb NOT NULL
   ) WITH (fillfactor = 90)`,
  'CREATE INDEX "IDX_entries_type" ON read_model.entries (type, position DESC)',
  'CREATE INDEX "IDX_entries_tags" ON read_model.entries USING gin (tags)',
  `CREATE TABLE read_model.tokens (
     uid text CONSTRAINT "PK_tokens" PRIMARY KEY, uses integer NOT NULL, cost numeric NOT NULL CHECK (cost < 1000000),
     first_used_at timestamptz NOT NULL, resources text[] NOT NULL, payers jsonb NOT NULL
   )`,
  'CREATE INDEX "IDX_tokens_used" ON read_model.tokens (first_used_at, uid) WHERE uses > 0',
  `CREATE TABLE read_model.usage_hours (
     token_uid text NOT NULL, started_at timestamptz NOT NULL, uses bigint NOT NULL,
     CONSTRAINT "PK_usage_hours" PRIMARY KEY (token_uid, started_at)
   )`,
  `CREATE TABLE read_model.balances (
     account_uid text NOT NULL, charged numeric NOT NULL CONSTRAINT "CHK_balances" CHECK (charged >= 0),
     CONSTRAINT "PK_balances" PRIMARY KEY (account_uid), CONSTRAINT "UQ_balances" UNIQUE (account_uid, charged)
   )`,
  `CREATE TABLE read_model.sums (
     uid text PRIMARY KEY, uses bigint NOT NULL, cost numeric NOT NULL, last_at timestamptz, last_operation text
   )`,
  'CREATE TABLE read_model.places (term integer NOT NULL, block bigint NOT NULL, PRIMARY KEY (term, block))',
] as const;

function costOf(event: RecordedEvent): string | null {
  if (isType(event, 'TokenUsed')) return event.data.cost;
  return isType(event, 'OrgCharged') ? event.data.amount : null;
}

function isType<T extends EventType>(event: RecordedEvent, type: T): event is RecordedEvent<T> {
  return event.type === type;
}
