import { comparePositions, laterPosition, parsePosition, type Position, START } from '#libs/event-log';
import { prepared } from './table-sql.js';
import type { Transaction } from './transaction.js';

/** How far a projection has durably come. */
export interface Checkpoint {
  readonly position: Position;
  /** Changes whenever the table is changed other than by the events after the position: what was remembered of it is void. */
  readonly generation: string;
}

export type Checkpoints = ReadonlyMap<string, Checkpoint>;

const TABLE = 'read_model.projection_checkpoints';
const READ = `SELECT name, position::text, generation::text FROM ${TABLE} WHERE name = ANY($1) ORDER BY name`;

/** What the queries below need of a connection; a transaction is one. */
export type Reader = Pick<Transaction, 'query'>;

const read = prepared(READ);
const lock = prepared(`${READ} FOR UPDATE`);
// The clock of an installation may be shifted, so the instant comes from the caller.
const ensure = prepared(
  `INSERT INTO ${TABLE} (name, position, generation, updated_at) SELECT unnest($1::text[]), 0, 0, $2::timestamptz ` +
    'ON CONFLICT (name) DO NOTHING',
);
const advance = prepared(
  `UPDATE ${TABLE} SET position = $2::bigint, updated_at = $3::timestamptz WHERE name = ANY($1)`,
);
const invalidate = prepared(`UPDATE ${TABLE} SET generation = generation + 1 WHERE name = ANY($1)`);
const remove = prepared(`DELETE FROM ${TABLE} WHERE name = ANY($1)`);

/** Statements on the checkpoints. Rows are locked in the order of their names, so two engines never wait in a ring. */
export const checkpoints = {
  async read(reader: Reader, names: readonly string[]): Promise<Checkpoints> {
    return parse(await reader.query(read, [names]));
  },

  /** Locks the checkpoints until the end of the transaction; one that is missing is made, before the first event. */
  async lock(transaction: Transaction, names: readonly string[], instant: string): Promise<Checkpoints> {
    const found = parse(await transaction.query(lock, [names]));
    if (found.size === names.length) return found;
    await transaction.query(ensure, [names, instant]);
    return parse(await transaction.query(lock, [names]));
  },

  async advance(transaction: Transaction, names: readonly string[], to: { position: Position; instant: string }) {
    await transaction.query(advance, [names, to.position.toString(), to.instant]);
  },

  /** Tells all engines that they must not rely on what they remember of these projections. */
  async invalidate(transaction: Transaction, names: readonly string[]): Promise<void> {
    await transaction.query(invalidate, [names]);
  },

  async remove(transaction: Transaction, names: readonly string[]): Promise<void> {
    await transaction.query(remove, [names]);
  },
};

function parse(rows: readonly (string | null)[][]): Map<string, Checkpoint> {
  return new Map(
    rows.map(([name, position, generation]) => [
      name as string,
      { position: parsePosition(position as string), generation: generation as string },
    ]),
  );
}

/** The latest position that any of the projections has reached. */
export function frontOf(found: Checkpoints): Position {
  let front = START;
  for (const { position } of found.values()) front = laterPosition(front, position);
  return front;
}

/**
 * Projections that have seen nothing while others have: new ones, in a ledger that has been running. They are filled
 * beside the others, which would otherwise all fall back to the first event with them.
 */
export function newcomersOf(found: Checkpoints): string[] {
  if (frontOf(found) === START) return [];
  return [...found].filter(([, { position }]) => position === START).map(([name]) => name);
}

/** The position that all projections but the newcomers have reached. */
export function commonPosition(found: Checkpoints): Position {
  const newcomers = new Set(newcomersOf(found));
  let common = frontOf(found);
  for (const [name, { position }] of found) {
    if (!newcomers.has(name) && comparePositions(position, common) < 0) common = position;
  }
  return common;
}
