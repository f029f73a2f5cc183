import { createHash } from 'node:crypto';
import { arrayLiteral, copyField, fromText, readExpression, toText } from './column-codec.js';
import type { ColumnType, MergeRule, ReadModelTable, Row } from './projection.js';

export const SCHEMA = 'read_model';

/** With a name, the server parses it once per connection, and may keep its plan; without, it plans it each time. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}

interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Quotes a name for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table of the read models, with its schema, for SQL. */
export function qualified(table: string): string {
  return `${quoted(SCHEMA)}.${quoted(table)}`;
}

/** A statement under a name that belongs to its text, so that no two statements of a connection share one. */
export function prepared(text: string): Statement {
  return { name: `rm_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`, text };
}

/** The statements that write and read one table of the read models, many rows at once. */
export class TableSql {
  /** Takes `copyLines`. */
  readonly copy: string;
  /** Takes `columnArrays`; a row whose key stands there already is left out, where the table has a key. */
  readonly insert: Statement;
  /** Takes `columnArrays`. */
  readonly upsert: Statement;
  /** Takes `columnArrays`; adds the rows to those that are there, by the rule. As `upsert` where there is none. */
  readonly merge: Statement;
  /** Takes `keyArrays`. */
  readonly remove: Statement;
  /** Takes `keyArrays`; yields the index of each key found, and the row's columns as text. */
  readonly load: Statement;
  private readonly columns: readonly Column[];
  private readonly keys: readonly Column[];

  /** `keyed`: false while the table has no key yet. */
  constructor(
    table: ReadModelTable<Row>,
    { merge: rule, keyed = true }: { readonly merge?: MergeRule<Row> | undefined; readonly keyed?: boolean } = {},
  ) {
    this.columns = Object.entries(table.columns).map(([name, type]) => ({ name, type }));
    this.keys = table.key.map((name) => ({ name, type: table.columns[name] as ColumnType }));
    const target = qualified(table.name);
    const names = this.columns.map(({ name }) => quoted(name)).join(', ');
    const keyNames = table.key.map(quoted).join(', ');
    const plainInsert = `INSERT INTO ${target} AS t (${names}) SELECT ${unnestList(this.columns)}`;
    const insert = `${plainInsert} ON CONFLICT (${keyNames})`;
    const joined = table.key.map((name, i) => `t.${quoted(name)} = u.c${i}`).join(' AND ');
    const updates = this.columns
      .filter(({ name }) => !table.key.includes(name))
      .map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`);

    this.copy = `COPY ${target} (${names}) FROM STDIN`;
    this.insert = prepared(keyed ? `${insert} DO NOTHING` : plainInsert);
    this.upsert = updates.length === 0 ? this.insert : prepared(`${insert} DO UPDATE SET ${updates.join(', ')}`);
    this.merge = rule === undefined ? this.upsert : prepared(`${insert} DO UPDATE SET ${mergeList(rule)}`);
    // Keys first, then a look-up for each: joined as equals, the planner may take the table first, and go through all
    // keys for each of its rows, as long as its statistics say that the table is small. For the same reason these two
    // are planned anew each time, by the size that the table has then.
    const found = (list: string): string => `LATERAL (SELECT ${list} FROM ${target} t WHERE ${joined} OFFSET 0) f`;
    const columns = this.columns.map(({ name, type }, i) => `${readExpression(type, `t.${quoted(name)}`)} AS v${i}`);
    this.remove = {
      text: `DELETE FROM ${target} WHERE ctid = ANY (ARRAY(SELECT f.ctid FROM ${unnest(this.keys)}, ${found('t.ctid')}))`,
    };
    this.load = {
      text:
        `SELECT u.n, ${columns.map((_, i) => `f.v${i}`).join(', ')} ` +
        `FROM ${unnest(this.keys, ' WITH ORDINALITY', ', n')}, ${found(columns.join(', '))}`,
    };
  }

  /** Rows as lines of COPY in text format. */
  copyLines(rows: readonly Row[]): Buffer {
    let text = '';
    for (const row of rows) {
      let separator = '';
      for (const { name, type } of this.columns) {
        text += separator + copyField(toText(type, row[name] ?? null));
        separator = '\t';
      }
      text += '\n';
    }
    return Buffer.from(text);
  }

  /** Rows as one array of PostgreSQL per column. */
  columnArrays(rows: readonly Row[]): string[] {
    return this.columns.map(({ name, type }) => arrayLiteral(rows.map((row) => toText(type, row[name] ?? null))));
  }

  /** Keys as one array of PostgreSQL per column of the key. */
  keyArrays(keys: readonly (readonly string[])[]): string[] {
    return this.keys.map((_, i) => arrayLiteral(keys.map((key) => key[i] ?? null)));
  }

  /** A row of `load`, without its leading index. */
  parse(fields: readonly (string | null)[]): Row {
    const row: Record<string, Row[string]> = {};
    for (let i = 0; i < this.columns.length; i += 1) {
      const { name, type } = this.columns[i] as Column;
      row[name] = fromText(type, fields[i + 1] ?? null);
    }
    return row;
  }
}

function mergeList({ add, latest }: MergeRule<Row>): string {
  const sums = add.map(quoted).map((name) => `${name} = t.${name} + excluded.${name}`);
  if (latest === undefined) return sums.join(', ');
  const by = quoted(latest.by);
  const isLater = `excluded.${by} > t.${by} OR (t.${by} IS NULL AND excluded.${by} IS NOT NULL)`;
  const choices = [latest.by, ...latest.columns].map(quoted).map((name) => {
    return `${name} = CASE WHEN ${isLater} THEN excluded.${name} ELSE t.${name} END`;
  });
  return [...sums, ...choices].join(', ');
}

function unnest(columns: readonly Column[], suffix = '', extra = ''): string {
  // A two-dimensional array would be unnested whole: text[] travels as the text of each array.
  const parameters = columns.map(({ type }, i) => `$${i + 1}::${type === 'text[]' ? 'text' : type}[]`);
  return `unnest(${parameters.join(', ')})${suffix} AS u(${columns.map((_, i) => `c${i}`).join(', ')}${extra})`;
}

function unnestList(columns: readonly Column[]): string {
  const values = columns.map(({ type }, i) => (type === 'text[]' ? `u.c${i}::text[]` : `u.c${i}`));
  return `${values.join(', ')} FROM ${unnest(columns)}`;
}
