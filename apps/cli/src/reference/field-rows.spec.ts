import { describe, expect, it } from '@jest/globals';
import { Type } from '@sinclair/typebox';
import { fieldRows } from './field-rows.js';

describe('fieldRows', () => {
  const types = (schema: Parameters<typeof fieldRows>[0]): string[][] =>
    fieldRows(schema).map((row) => row.slice(0, 2));

  it('says the type of a field in words', () => {
    const schema = Type.Object({
      text: Type.String(),
      kind: Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Null()]),
      count: Type.Integer({ minimum: 1, maximum: 9 }),
      names: Type.Array(Type.String()),
      anything: Type.Unknown(),
      later: Type.Optional(Type.Boolean()),
    });
    expect(types(schema)).toEqual([
      ['`text`', 'string'],
      ['`kind`', '`"a"` or `"b"` or null'],
      ['`count`', 'integer ≥ 1, ≤ 9'],
      ['`names`', 'list of string'],
      ['`anything`', 'any JSON'],
      ['`later`', 'boolean, may be absent'],
    ]);
  });

  it('gives the fields of objects, of lists, of maps and of unions a row each', () => {
    const inner = Type.Object({ uid: Type.String() });
    const schema = Type.Object({
      owner: inner,
      items: Type.Array(inner),
      byName: Type.Record(Type.String(), inner),
      either: Type.Union([inner, Type.Null()]),
    });
    expect(types(schema).map(([path]) => path)).toEqual([
      ...['`owner`', '`owner.uid`', '`items`', '`items[].uid`'],
      ...['`byName`', '`byName.*.uid`', '`either`', '`either.uid`'],
    ]);
  });

  it('takes description and pattern from the field or from the one branch that has them', () => {
    const uid = Type.String({ pattern: '^u(a|b)$', description: 'A uid.' });
    const schema = Type.Object({ plain: uid, maybe: Type.Union([uid, Type.Null()], { description: 'Null: none.' }) });
    expect(fieldRows(schema).map((row) => row[2])).toEqual(['A uid. `^u(a|b)$`', 'Null: none. A uid. `^u(a|b)$`']);
  });
});
