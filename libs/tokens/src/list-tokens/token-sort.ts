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

/** How rows are ordered; the uid decides between equals, so that no row is shown twice or left out. */
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
  /** Which rows are meant, as SQL; absent: all. */
  readonly where?: string;
  /** Set where all rows have one value, so that the uid alone orders them. */
  readonly constant?: true;
}

type Key = Omit<SortOrder, 'direction'>;
/** Least rows first. */
type Stretches = readonly [Key, ...Key[]];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const NEVER = 'infinity';
const NEVER_YET = '-infinity';

const LAST_HOUR = `COALESCE(token.last_used_hour, '${NEVER_YET}')`;

/**
 * Tokens that were never used are a stretch of their own. All of them have one hour, and rows of an hour are sorted by
 * their instants: with the others they would all be read, and they may be most of a large list.
 */
const KEYS: Readonly<Record<'createdAt' | 'name' | 'expiresAt' | 'lastUsedAt', Stretches>> = {
  createdAt: [{ expression: 'token.created_at', sqlType: 'timestamptz' }],
  name: [{ expression: 'token.name_key', sqlType: 'text' }],
  expiresAt: [{ expression: `COALESCE(token.expires_at, '${NEVER}')`, sqlType: 'timestamptz' }],
  lastUsedAt: [
    {
      expression: `CAST('${NEVER_YET}' AS timestamptz)`,
      sqlType: 'timestamptz',
      where: `${LAST_HOUR} = '${NEVER_YET}'`,
      constant: true,
    },
    {
      expression: LAST_USED_AT,
      sqlType: 'timestamptz',
      where: `${LAST_HOUR} > '${NEVER_YET}'`,
      coarse: { expression: LAST_HOUR, of: (value) => (value === NEVER ? value : hourOf(value)) },
    },
  ],
};

/** The stretches of a list that are read one after the other; each is found by an index. */
export function sortStretches(sort: TokenSort): readonly SortOrder[] {
  const isDescending = sort.startsWith('-');
  const key = (isDescending ? sort.slice(1) : sort) as keyof typeof KEYS;
  const stretches = KEYS[key].map((stretch) => ({ ...stretch, direction: isDescending ? 'DESC' : 'ASC' }) as const);
  return isDescending ? stretches.reverse() : stretches;
}

/** Those that have something after a value of the list. */
export function stretchesFrom(stretches: readonly SortOrder[], value: string): readonly SortOrder[] {
  const within =
    stretches.length === 1 ? 0 : stretches.findIndex(({ constant }) => (constant ?? false) === (value === NEVER_YET));
  return stretches.slice(within);
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
