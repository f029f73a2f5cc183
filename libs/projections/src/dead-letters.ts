import { storable } from './database-errors.js';
import type { DeadLetter } from './fold.js';
import type { Reader } from './checkpoints.js';
import { arrayLiteral } from './column-codec.js';
import { prepared } from './table-sql.js';
import type { Transaction } from './transaction.js';

/** A dead letter as it is stored: where its event stands in the log. */
export interface StoredLetter {
  readonly position: string;
  readonly partitionKey: string;
  readonly stream: string;
  readonly revision: bigint;
}

const TABLE = 'read_model.dead_letters';
const insert = prepared(
  `INSERT INTO ${TABLE} (projection, partition_key, position, event_type, stream, revision, error, recorded_at) ` +
    'SELECT u.projection, u.partition_key, u.position, u.event_type, u.stream, u.revision, u.error, $8::timestamptz ' +
    'FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[]) ' +
    'AS u(projection, partition_key, position, event_type, stream, revision, error) ' +
    'ON CONFLICT (projection, position) DO UPDATE SET partition_key = excluded.partition_key, error = excluded.error',
);
const keys = prepared(
  `SELECT projection, partition_key FROM ${TABLE} WHERE projection = ANY($1) GROUP BY projection, partition_key`,
);
const counts = prepared(
  `SELECT projection, count(*)::text FROM ${TABLE} WHERE projection = ANY($1) GROUP BY projection`,
);
const oldest = prepared(
  `SELECT position::text, partition_key, stream, revision::text FROM ${TABLE} ` +
    'WHERE projection = $1 AND partition_key <> ALL($2) ORDER BY position LIMIT $3::bigint',
);
const remove = prepared(`DELETE FROM ${TABLE} WHERE projection = $1 AND position = ANY($2::bigint[])`);
const removeAll = prepared(`DELETE FROM ${TABLE} WHERE projection = ANY($1)`);
const rename = prepared(`UPDATE ${TABLE} SET projection = $2 WHERE projection = $1`);

/** Statements on the dead letters. */
export const deadLetters = {
  async insert(transaction: Transaction, letters: readonly (DeadLetter & { projection: string })[], instant: string) {
    if (letters.length === 0) return;
    const column = (of: (letter: DeadLetter & { projection: string }) => string) => arrayLiteral(letters.map(of));
    await transaction.query(insert, [
      column((letter) => letter.projection),
      column((letter) => letter.partitionKey),
      column((letter) => letter.event.position.toString()),
      column((letter) => storable(letter.event.type)),
      column((letter) => storable(letter.event.stream)),
      column((letter) => letter.event.revision.toString()),
      column((letter) => letter.error),
      instant,
    ]);
  },

  /** Quarantined partition keys of each projection that has any. */
  async quarantined(reader: Reader, projections: readonly string[]): Promise<Map<string, Set<string>>> {
    const found = new Map<string, Set<string>>();
    for (const [projection, key] of await reader.query(keys, [projections])) {
      const of = found.get(projection as string) ?? new Set();
      found.set(projection as string, of.add(key as string));
    }
    return found;
  },

  async counts(reader: Reader, projections: readonly string[]): Promise<Map<string, number>> {
    const rows = await reader.query(counts, [projections]);
    return new Map(rows.map(([projection, count]) => [projection as string, Number(count)]));
  },

  /** The first letters of a projection by position, without those of `exceptKeys`. */
  async oldest(reader: Reader, projection: string, exceptKeys: readonly string[], limit: number) {
    const rows = await reader.query(oldest, [projection, exceptKeys, limit]);
    return rows.map(([position, partitionKey, stream, revision]): StoredLetter => ({
      position: position as string,
      partitionKey: partitionKey as string,
      stream: stream as string,
      revision: BigInt(revision as string),
    }));
  },

  async remove(transaction: Transaction, projection: string, positions: readonly string[]): Promise<void> {
    await transaction.query(remove, [projection, arrayLiteral(positions)]);
  },

  async removeAll(transaction: Transaction, projections: readonly string[]): Promise<void> {
    await transaction.query(removeAll, [projections]);
  },

  /** Gives the letters of one projection to another. */
  async rename(transaction: Transaction, projection: string, to: string): Promise<void> {
    await transaction.query(rename, [projection, to]);
  },
};
