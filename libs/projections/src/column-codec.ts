import type { ColumnType, ColumnValue, ReadModelTable, Row } from './projection.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const INTEGER = /^(0|-?[1-9]\d*)$/;
const NUMERIC = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const COPY_SPECIAL = /[\\\n\r\t]/;
const COPY_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const INT32_MAX = 2_147_483_647;

/**
 * True when `value` has the one form that the type has in a row. Other forms of the same value are refused too: the
 * table would give back another text than the fold holds in memory, and a document would depend on when it was read.
 */
function fits(type: ColumnType, value: ColumnValue | undefined): boolean {
  if (value === null) return true;
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= INT32_MAX;
    case 'bigint':
      return typeof value === 'string' && INTEGER.test(value);
    case 'numeric':
      return typeof value === 'string' && NUMERIC.test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamptz':
      return typeof value === 'string' && INSTANT.test(value);
    case 'text[]':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'jsonb':
      return value !== undefined;
  }
}

const columnsOf = new WeakMap<ReadModelTable<Row>, readonly (readonly [name: string, type: ColumnType])[]>();

/** Throws TypeError, naming the column, when `row` is not exactly a row of `table`. */
export function checkRow(table: ReadModelTable<Row>, row: Row): void {
  let columns = columnsOf.get(table);
  if (columns === undefined) columnsOf.set(table, (columns = Object.entries(table.columns)));
  for (const [name, type] of columns) {
    if (!fits(type, row[name])) throw new TypeError(`column ${name} of ${table.name} is not ${type}`);
  }
  if (Object.keys(row).length === columns.length) return;
  const stranger = Object.keys(row).find((name) => !(name in table.columns));
  throw new TypeError(`${table.name} has no column ${stranger ?? ''}`);
}

/** The value as PostgreSQL's input functions read it; null stays null. */
export function toText(type: ColumnType, value: ColumnValue): string | null {
  if (value === null) return null;
  if (type === 'jsonb') return JSON.stringify(value);
  if (type === 'text[]') return arrayLiteral(value as readonly string[]);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Reads what `readExpression` selected. */
export function fromText(type: ColumnType, text: string | null): ColumnValue {
  if (text === null) return null;
  if (type === 'integer') return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type === 'jsonb' || type === 'text[]') return JSON.parse(text) as ColumnValue;
  return text;
}

/** SQL that yields the column as text, in the form that it has in a row, whatever the settings of the session. */
export function readExpression(type: ColumnType, column: string): string {
  if (type === 'timestamptz') return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  if (type === 'text[]') return `array_to_json(${column})::text`;
  return `${column}::text`;
}

/** An array of PostgreSQL, as text. Every element is quoted: that is never wrong, and needs no look at its content. */
export function arrayLiteral(items: readonly (string | null)[]): string {
  let text = '{';
  for (let i = 0; i < items.length; i += 1) {
    const item = items[i] as string | null;
    if (i > 0) text += ',';
    text += item === null ? 'NULL' : `"${/["\\]/.test(item) ? item.replace(/["\\]/g, '\\$&') : item}"`;
  }
  return `${text}}`;
}

/** One field of a line of COPY in text format. */
export function copyField(text: string | null): string {
  if (text === null) return '\\N';
  return COPY_SPECIAL.test(text) ? text.replace(/[\\\n\r\t]/g, (found) => COPY_ESCAPES[found] as string) : text;
}
