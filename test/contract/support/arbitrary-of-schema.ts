import fc, { type Arbitrary } from 'fast-check';

/** The part of JSON Schema that the events are written in. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** JSON itself knows no -0 and no prototype, and neither does any store. */
const anyJson = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const key = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== '__proto__');

/** Draws values that the schema takes. Throws on a keyword that it does not know, rather than to draw too little. */
export function arbitraryOf(schema: object): Arbitrary<unknown> {
  const { type, anyOf, items, ...rest } = schema as Schema;
  if (rest.const !== undefined) return fc.constant(rest.const);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(arbitraryOf));
  switch (type) {
    case undefined:
      return anyJson;
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: rest.minimum ?? -1000, max: rest.maximum ?? 1_000_000 });
    case 'string':
      return rest.pattern === undefined ? fc.string({ unit: 'binary' }) : fc.stringMatching(new RegExp(rest.pattern));
    case 'array':
      return fc.array(arbitraryOf(items ?? {}), { maxLength: 3 });
    case 'object':
      return objectOf(rest);
    default:
      throw new Error(`no values are drawn for the type ${type}`);
  }
}

function objectOf({ properties, required = [], patternProperties = {} }: Schema): Arbitrary<unknown> {
  if (properties === undefined) {
    const [values = {}] = Object.values(patternProperties);
    return fc.dictionary(key, arbitraryOf(values), { maxKeys: 3, noNullPrototype: true });
  }
  const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, arbitraryOf(field)]));
  return fc.record(fields, { requiredKeys: [...required], noNullPrototype: true });
}
