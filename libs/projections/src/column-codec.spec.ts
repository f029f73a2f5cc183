import { describe, expect, it } from '@jest/globals';
import { arrayLiteral, checkRow, copyField } from './column-codec.js';
import type { ColumnType, Row } from './projection.js';

describe('checkRow', () => {
  const check = (type: ColumnType, value: unknown) => (): void =>
    checkRow({ name: 't', columns: { c: type }, key: ['c'] }, { c: value } as Row);

  it.each<[ColumnType, unknown[]]>([
    ['text', ['', 'x', null]],
    ['text[]', [[], ['x'], null]],
    ['integer', [0, -1, 2_147_483_647, null]],
    ['bigint', ['0', '-9223372036854775808', null]],
    ['numeric', ['0', '-1.50', '0.001', null]],
    ['boolean', [true, false, null]],
    ['timestamptz', ['2026-01-01T00:00:00.000Z', null]],
    ['jsonb', [{}, [], 'x', 0, false, null]],
  ])('takes what a column of type %s holds', (type, values) => {
    for (const value of values) expect(check(type, value)).not.toThrow();
  });

  it.each<[ColumnType, unknown[]]>([
    ['text', [1, undefined, {}]],
    ['text[]', ['x', [1], [null], undefined]],
    ['integer', ['1', 1.5, 2_147_483_648, Number.NaN, 1n, undefined]],
    ['bigint', [1, 1n, '01', '+1', '1.0', '', '-0', undefined]],
    ['numeric', [1, '.5', '1e3', 'NaN', '', undefined]],
    ['boolean', ['true', 1, undefined]],
    ['timestamptz', ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00.000+01:00', '2026-01-01', new Date(0), undefined]],
    ['jsonb', [undefined]],
  ])('refuses what a column of type %s would give back in another form', (type, values) => {
    for (const value of values) expect(check(type, value)).toThrow(TypeError);
  });

  it('refuses a column that is missing or that there is not', () => {
    const table = { name: 't', columns: { a: 'text', b: 'text' }, key: ['a'] } as const;
    expect(() => checkRow(table, { a: 'x' })).toThrow('column b of t');
    expect(() => checkRow(table, { a: 'x', b: 'y', c: 'z' })).toThrow('no column c');
  });
});

describe('the text forms of PostgreSQL', () => {
  it('quote every element of an array, and null none', () => {
    expect(arrayLiteral(['a', null, 'NULL', '', 'x"y', 'x\\y', '{,}'])).toBe(
      '{"a",NULL,"NULL","","x\\"y","x\\\\y","{,}"}',
    );
  });

  it('escape what ends a field or a line of COPY', () => {
    expect([null, 'a\tb', 'a\nb\r', '\\N', 'plain'].map(copyField)).toEqual([
      '\\N',
      'a\\tb',
      'a\\nb\\r',
      '\\\\N',
      'plain',
    ]);
  });
});
