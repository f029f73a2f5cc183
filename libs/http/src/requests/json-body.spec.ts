import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonBody } from './json-body.js';

const refusal = (code: string, field?: string) =>
  expect.objectContaining(
    field === undefined
      ? { code }
      : { code, options: expect.objectContaining({ fields: [expect.objectContaining({ field })] }) },
  );
const parse = (text: string) => parseJsonBody(Buffer.from(text, 'utf8'));

/** Values whose strings every store can keep. */
const storable = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'));
const cleanJson = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 });

describe('parseJsonBody', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          storable.filter((key) => key !== '__proto__'),
          cleanJson,
        ),
        (body) => {
          const text = JSON.stringify(body);
          fc.pre(!text.includes(String.raw`\u0000`) && !text.includes('__proto__'));
          expect(parse(text)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('finds a NUL or half a surrogate pair wherever it hides, in values and names', () => {
    const hidden = fc.constantFrom(
      String.raw`\u0000`,
      String.raw`\ud83d`,
      String.raw`\uDE00`,
      String.raw`\uDE00\uD83D`,
    );
    const wrap = fc.constantFrom('{"a":"_"}', '{"_":1}', '[[{"b":["x_y"]}]]', '"_"', '{"a":{"_x":null}}');
    fc.assert(
      fc.property(hidden, wrap, (escape, around) => {
        expect(() => parse(around.replace('_', () => escape))).toThrow(refusal('invalid_json'));
      }),
    );
  });

  it('takes a whole surrogate pair and the text of an escape', () => {
    expect(parse(String.raw`["\ud83d\ude00","\\u0000"]`)).toEqual(['😀', String.raw`\u0000`]);
  });

  it.each([
    ['{"a":{"__proto__":{}}}', 'unknown_field', 'a.__proto__'],
    [String.raw`{"\u005f_proto__":1}`, 'unknown_field', '__proto__'],
    ['{"constructor":{"prototype":{}}}', 'unknown_field', 'constructor'],
    ['{"a":[1e999]}', 'validation_failed', 'a[0]'],
    [`{"a":${'9'.repeat(400)}}`, 'validation_failed', 'a'],
    [`${'[ '.repeat(1000)}${']'.repeat(1000)}`, 'validation_failed', undefined],
    [`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, 'validation_failed', undefined],
  ])('refuses %s', (text, code, field) => {
    expect(() => parse(text)).toThrow(refusal(code, field));
  });

  it('takes a harmless member named constructor', () => {
    expect(parse('{"constructor":"acme"}')).toEqual({ constructor: 'acme' });
  });

  it('survives nesting that would exhaust the call stack', () => {
    expect(() => parse('['.repeat(120_000) + ']'.repeat(120_000))).toThrow(refusal('validation_failed'));
  });
});
