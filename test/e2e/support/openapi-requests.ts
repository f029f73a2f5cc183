import fc from 'fast-check';
import type { CallOptions, Loose } from './ledger-client.js';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: Loose[];
  /** Schema of the JSON body; null when the call takes none. */
  readonly body: Loose;
  readonly document: Loose;
}

interface GeneratedRequest {
  path: string;
  options: CallOptions;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Every operation of an OpenAPI document. */
export function operationsOf(document: Loose): Operation[] {
  return Object.entries<Loose>(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) => ({
      method: method.toUpperCase(),
      path,
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
      body: item[method].requestBody?.content?.['application/json']?.schema ?? null,
      document,
    })),
  );
}

const UID = fc
  .constantFrom('tok', 'org', 'usr', 'chg', 'grt', 'use')
  .map((prefix) => `${prefix}_01JD0000000000000000000000`);

/** Text that has broken something somewhere before. */
const NASTY = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    "'; drop table tokens; --",
    '{{7*7}}',
    '../../etc/passwd',
    '%00',
    '%',
    'null',
    '-0',
    '1e309',
    '999999999999999999999999',
    '2026-02-30',
    '2026-13-01T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    'Ā',
    '💥',
    '=1+1',
    '__proto__',
    'constructor',
    'x'.repeat(5_000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  UID,
);

const ANYTHING = fc.oneof(
  NASTY,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(NASTY, { maxLength: 3 }),
  fc.dictionary(NASTY, NASTY, { maxKeys: 3 }),
);

/** Requests for one operation: mostly near its schema, with members left out, added, or of another kind. */
export function requestFor(operation: Operation): fc.Arbitrary<GeneratedRequest> {
  const query = operation.parameters.filter((parameter) => parameter.in === 'query');
  return fc
    .record({
      segments: fc.array(fc.oneof(UID, NASTY), { minLength: 3, maxLength: 3 }),
      query: fc.array(fc.tuple(fc.nat(), fc.boolean(), NASTY), { maxLength: 3 }),
      body: operation.body === null ? fc.constant(undefined) : near(operation.body, operation.document, 0),
      key: fc.option(fc.oneof({ weight: 3, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.string() })),
    })
    .map(({ segments, query: chosen, body, key }) => {
      let index = 0;
      const path = operation.path.replace(/\{[^}]+\}/g, () =>
        encodeURIComponent(wellFormed(segments[index++ % 3] ?? '')),
      );
      const search = chosen.map(([pick, known, value]) => {
        const name = known && query.length > 0 ? query[pick % query.length].name : `x${pick}`;
        return `${name}=${encodeURIComponent(wellFormed(value))}`;
      });
      const headers = key === null ? {} : { 'idempotency-key': key.replace(/[^\x20-\x7e]/g, '?') };
      const options: CallOptions = body === undefined ? { headers } : { headers, body };
      return { path: search.length === 0 ? path : `${path}?${search.join('&')}`, options };
    });
}

/** encodeURIComponent throws for half a surrogate pair; such text can only be sent in a body. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function near(schema: Loose, document: Loose, depth: number): fc.Arbitrary<Loose> {
  const resolved = resolve(schema, document);
  const fitting = depth > 4 ? ANYTHING : fit(resolved, document, depth);
  return fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: ANYTHING });
}

function fit(schema: Loose, document: Loose, depth: number): fc.Arbitrary<Loose> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice !== undefined) return fc.oneof(...choice.map((one: Loose) => near(one, document, depth + 1)));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return object(schema, document, depth);
  if (type === 'array') return fc.array(near(schema.items ?? {}, document, depth + 1), { maxLength: 3 });
  if (type === 'integer' || type === 'number') return fc.oneof(fc.integer(), fc.double(), fc.constant(1));
  if (type === 'boolean') return fc.boolean();
  if (type === 'string')
    return fc.oneof(NASTY, fc.constantFrom('1', 'name', '7d', '2027-01-01', 'a@example.com', 'ci'));
  return ANYTHING;
}

function object(schema: Loose, document: Loose, depth: number): fc.Arbitrary<Loose> {
  const members = Object.entries<Loose>(schema.properties ?? {}).map(
    ([name, member]) => [name, near(member, document, depth + 1)] as const,
  );
  const known = fc.record(Object.fromEntries(members), { requiredKeys: [] });
  const more = fc.dictionary(NASTY, NASTY, { maxKeys: 1 });
  return fc.oneof(
    { weight: 5, arbitrary: known },
    { weight: 1, arbitrary: fc.tuple(known, more).map(([a, b]) => ({ ...a, ...b })) },
  );
}

function resolve(schema: Loose, document: Loose): Loose {
  if (typeof schema.$ref !== 'string') return schema;
  const path = schema.$ref.replace('#/', '').split('/');
  return path.reduce((node: Loose, key: string) => node[key], document);
}
