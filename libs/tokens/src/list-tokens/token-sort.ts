import { hourOf } from '../read-model/hour-of.js';
import { LAST_USED_AT } from '../read-model/last-use.js';

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
  /** What an index holds of it, where it is not the expression itself: of two rows, the one with less of it has less. */
  readonly coarse?: {
    readonly expression: string;
    /** Of a value of the expression, both as text. */
    of(value: string): string;
  };
}

type Key = Omit<SortOrder, 'direction'>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NEVER = 'infinity';
const NEVER_YET = '-infinity';

const KEYS: Readonly<Record<'createdAt' | 'name' | 'expiresAt' | 'lastUsedAt', Key>> = {
  createdAt: { expression: 'token.created_at', sqlType: 'timestamptz' },
  name: { expression: 'token.name_key', sqlType: 'text' },
  expiresAt: {
    expression: `COALESCE(token.expires_at, '${NEVER}')`,
    sqlType: 'timestamptz',
  },
  lastUsedAt: {
    expression: `COALESCE(${LAST_USED_AT}, '${NEVER_YET}')`,
    sqlType: 'timestamptz',
    coarse: {
      expression: `COALESCE(token.last_used_hour, '${NEVER_YET}')`,
      of: (value) => (value === NEVER_YET || value === NEVER ? value : hourOf(value)),
    },
  },
};

export function sortOrder(sort: TokenSort): SortOrder {
  const isDescending = sort.startsWith('-');
  const key = (isDescending ? sort.slice(1) : sort) as keyof typeof KEYS;
  return { ...KEYS[key], direction: isDescending ? 'DESC' : 'ASC' };
}

/** A value that PostgreSQL gave for an expression, as the text of a cursor. */
export function sortValueText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value === Infinity) return NEVER;
  return value === -Infinity ? NEVER_YET : String(value);
}

/** True when a cursor's text is a value that the order has. */
export function isSortValue({ sqlType }: SortOrder, value: string): boolean {
  return sqlType === 'text' || INSTANT.test(value) || value === NEVER || value === NEVER_YET;
}
