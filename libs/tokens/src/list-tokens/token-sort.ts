import type { TokenEntity } from '../read-model/token.entity.js';

export const SORTS = [
  'createdAt',
  '-createdAt',
  'name',
  '-name',
  'expiresAt',
  '-expiresAt',
  'lastUsedAt',
  '-lastUsedAt',
] as const;

export type TokenSort = (typeof SORTS)[number];

/** How the rows are ordered; the uid decides between equals, so that no row is shown twice or left out. */
export interface SortOrder {
  /** SQL over the row `token`; never null. */
  readonly expression: string;
  /** SQL type that the text of a cursor is read as. */
  readonly sqlType: 'text' | 'timestamptz';
  readonly direction: 'ASC' | 'DESC';
  /** The value of `expression` for a row, as text. */
  valueOf(row: TokenEntity): string;
}

type Key = Omit<SortOrder, 'direction'>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NEVER = 'infinity';
const NEVER_YET = '-infinity';

const KEYS: Readonly<Record<'createdAt' | 'name' | 'expiresAt' | 'lastUsedAt', Key>> = {
  createdAt: { expression: 'token.created_at', sqlType: 'timestamptz', valueOf: (row) => row.created_at },
  name: { expression: 'token.name_key', sqlType: 'text', valueOf: (row) => row.name_key },
  expiresAt: {
    expression: `COALESCE(token.expires_at, '${NEVER}')`,
    sqlType: 'timestamptz',
    valueOf: (row) => row.expires_at ?? NEVER,
  },
  lastUsedAt: {
    expression: `COALESCE(token.last_used_at, '${NEVER_YET}')`,
    sqlType: 'timestamptz',
    valueOf: (row) => row.last_used_at ?? NEVER_YET,
  },
};

export function sortOrder(sort: TokenSort): SortOrder {
  const isDescending = sort.startsWith('-');
  const key = (isDescending ? sort.slice(1) : sort) as keyof typeof KEYS;
  return { ...KEYS[key], direction: isDescending ? 'DESC' : 'ASC' };
}

/** True when a cursor's text is a value that the order has. */
export function isSortValue({ sqlType }: SortOrder, value: string): boolean {
  return sqlType === 'text' || INSTANT.test(value) || value === NEVER || value === NEVER_YET;
}
