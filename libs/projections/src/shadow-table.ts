import { assert } from '#libs/kernel';
import { qualified, quoted, SCHEMA } from './table-sql.js';
import type { TextRow, Transaction } from './transaction.js';

/** Ends the names of what a rebuild makes beside what is live. */
export const SHADOW_SUFFIX = '__rebuild';
const NAME_BYTES_MAX = 63;

interface Index {
  readonly oid: string;
  readonly name: string;
  readonly unique: boolean;
  /** Definition from `USING` on. */
  readonly definition: string;
  /** Clause that makes it the index of a constraint; null for a plain index. */
  readonly constraint: string | null;
}

/** How a table is made, as far as it must be the same after a rebuild. */
export interface TableDefinition {
  readonly table: string;
  readonly indexes: readonly Index[];
  /** Statements that give a copy the storage options and the privileges of the table; `%s` stands for the copy. */
  readonly extras: readonly string[];
  /** Columns and constraints, to notice a migration that came between. */
  readonly signature: string;
}

const INDEXES = `
  SELECT i.indexrelid::text, c.relname::text, i.indisunique::text,
    substr(pg_get_indexdef(i.indexrelid), strpos(pg_get_indexdef(i.indexrelid), ' USING ') + 1),
    CASE con.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END
      || CASE WHEN con.condeferrable THEN ' ' || 'USING INDEX %s DEFERRABLE' ELSE ' USING INDEX %s' END
      || CASE WHEN con.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_constraint con ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid
  WHERE i.indrelid = $1::text::regclass ORDER BY c.relname`;

const KEYS = 'SELECT count(*)::text FROM pg_index WHERE indrelid = $1::text::regclass AND indisunique';

const EXTRAS = `
  SELECT format('ALTER TABLE %%s SET (%s)', string_agg(o, ', ')) FROM pg_class, unnest(reloptions) o
    WHERE oid = $1::text::regclass HAVING count(*) > 0
  UNION ALL
  SELECT format('GRANT %s ON %%s TO %s%s', a.privilege_type,
      CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
      CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = $1::text::regclass AND a.grantee <> c.relowner`;

const SIGNATURE = `
  SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, atthasdef, attcollation::text)
    FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT concat_ws(' ', conname, contype, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid = $1::text::regclass
  ORDER BY 1`;

const UNSUPPORTED = `
  SELECT 'foreign key ' || conname FROM pg_constraint WHERE contype = 'f' AND $1::text::regclass IN (conrelid, confrelid)
  UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass AND NOT tgisinternal
  UNION ALL SELECT 'exclusion constraint ' || conname FROM pg_constraint WHERE contype = 'x' AND conrelid = $1::text::regclass`;

/** Reads how a live table is made. Throws when it has what a copy would lose. */
export async function describeTable(transaction: Transaction, table: string): Promise<TableDefinition> {
  assert(
    Buffer.byteLength(shadowName(table)) <= NAME_BYTES_MAX,
    `the name of table ${table} is too long to rebuild it`,
  );
  const target = [qualified(table)];
  const [unsupported] = await transaction.query(UNSUPPORTED, target);
  assert(unsupported === undefined, `a rebuild would lose ${unsupported?.[0] ?? ''} of table ${table}`);
  const indexes = await transaction.query(INDEXES, target);
  const signature = await transaction.query(SIGNATURE, target);
  return {
    table,
    indexes: indexes.map(parseIndex),
    extras: (await transaction.query(EXTRAS, target)).map(([sql]) => sql as string),
    signature: JSON.stringify([signature, indexes.map(([, ...definition]) => definition)]),
  };
}

/** Which indexes a copy has from the start: the unique ones decide what is refused. */
export type FirstIndexes = 'none' | 'unique' | 'all';

/** Makes the empty copy. */
export async function createShadow(
  transaction: Transaction,
  live: TableDefinition,
  first: FirstIndexes,
): Promise<void> {
  const shadow = qualified(shadowName(live.table));
  // Made already when the answer to an earlier commit was lost.
  await transaction.query(`DROP TABLE IF EXISTS ${shadow}`);
  await transaction.query(`CREATE TABLE ${shadow} (LIKE ${qualified(live.table)} INCLUDING ALL EXCLUDING INDEXES)`);
  for (const sql of live.extras) await transaction.query(sql.replace('%s', () => shadow));
  if (first !== 'none') await createIndexes(transaction, live, (index) => first === 'all' || index.unique);
}

/** Builds the unique indexes that were left out while the copy was filled. */
export async function completeKeys(transaction: Transaction, live: TableDefinition): Promise<void> {
  const [{ 0: keys } = ['0']] = await transaction.query(KEYS, [qualified(shadowName(live.table))]);
  if (keys === '0') await createIndexes(transaction, live, (index) => index.unique);
}

/** Builds all other indexes that were left out. */
export async function completeShadow(transaction: Transaction, live: TableDefinition): Promise<void> {
  await createIndexes(transaction, live, (index) => !index.unique);
}

/** Drops the live table and gives its names, of table, indexes and constraints, to the copy. */
export async function swapShadow(transaction: Transaction, live: TableDefinition): Promise<void> {
  await transaction.query(`DROP TABLE ${qualified(live.table)}`);
  await transaction.query(`ALTER TABLE ${qualified(shadowName(live.table))} RENAME TO ${quoted(live.table)}`);
  for (const index of live.indexes) {
    // A constraint takes the name of its index with it.
    await transaction.query(`ALTER INDEX ${qualified(shadowIndex(index))} RENAME TO ${quoted(index.name)}`);
  }
}

/** Name of a table or a projection while it is being rebuilt. */
export function shadowName(name: string): string {
  return `${name}${SHADOW_SUFFIX}`;
}

async function createIndexes(
  transaction: Transaction,
  live: TableDefinition,
  wanted: (index: Index) => boolean,
): Promise<void> {
  const shadow = qualified(shadowName(live.table));
  for (const index of live.indexes.filter(wanted)) {
    const name = quoted(shadowIndex(index));
    const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX';
    await transaction.query(`CREATE ${kind} IF NOT EXISTS ${name} ON ${shadow} ${index.definition}`);
    if (index.constraint === null) continue;
    await transaction.query(`ALTER TABLE ${shadow} ADD CONSTRAINT ${name} ${index.constraint.replace('%s', name)}`);
  }
}

/** Index names are unique in the whole schema, and one with a suffix may be too long: the copy's go by the live oid. */
function shadowIndex(index: Index): string {
  return `${SCHEMA}_index_${index.oid}${SHADOW_SUFFIX}`;
}

function parseIndex([oid, name, unique, definition, constraint]: TextRow): Index {
  return {
    oid: oid as string,
    name: name as string,
    unique: unique === 'true',
    definition: definition as string,
    constraint: constraint ?? null,
  };
}
