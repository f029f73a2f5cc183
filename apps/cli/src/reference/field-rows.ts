import type { TSchema } from '@sinclair/typebox';

/** The part of JSON Schema that the events are written in. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Rows of a table: path of a field, its type in words, what it means. Fields of fields follow theirs, as `owner.type`. */
export function fieldRows(schema: TSchema): string[][] {
  return rowsOf(schema, '');
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${prefix}${name}`;
    const type = `${typeOf(field)}${required.includes(name) ? '' : ', may be absent'}`;
    return [[`\`${path}\``, type, meaningOf(field)], ...innerRows(field, path)];
  });
}

function innerRows(field: Schema, path: string): string[][] {
  if (field.properties !== undefined) return rowsOf(field, `${path}.`);
  if (field.items !== undefined) return innerRows(field.items, `${path}[]`);
  const [values] = Object.values(field.patternProperties ?? {});
  if (values !== undefined) return innerRows(values, `${path}.*`);
  return (field.anyOf ?? []).flatMap((branch) => innerRows(branch, path));
}

function typeOf({ anyOf, items, patternProperties, ...schema }: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ');
  if (items !== undefined) return `list of ${typeOf(items)}`;
  if (patternProperties !== undefined) return `map to ${Object.values(patternProperties).map(typeOf).join(' or ')}`;
  const { type = 'any JSON', minimum, maximum } = schema;
  const bounds = [minimum === undefined ? '' : ` ≥ ${minimum}`, maximum === undefined ? '' : ` ≤ ${maximum}`];
  return `${type}${bounds.filter((bound) => bound !== '').join(',')}`;
}

/** The description of a field, or of the one branch of a union that has one. */
function meaningOf(field: Schema): string {
  const described = [field, ...(field.anyOf ?? []), ...(field.items === undefined ? [] : [field.items])];
  const texts = described.map(({ description }) => description).filter((text) => text !== undefined);
  const patterns = described.map(({ pattern }) => pattern).filter((pattern) => pattern !== undefined);
  return [...new Set(texts), ...[...new Set(patterns)].map((pattern) => `\`${pattern}\``)].join(' ');
}
