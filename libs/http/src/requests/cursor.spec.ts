import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, listIdOf } from './cursor.js';

const refusal = expect.objectContaining({ code: 'invalid_cursor' });
const storable = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'));

describe('a cursor', () => {
  it('gives its values back', () => {
    fc.assert(
      fc.property(fc.array(storable, { maxLength: 5 }), (values) => {
        expect(decodeCursor(encodeCursor(values), values.length)).toEqual(values);
      }),
    );
  });

  it('fits one list only: another number of values is refused', () => {
    expect(() => decodeCursor(encodeCursor(['a', 'b']), 1)).toThrow(refusal);
  });

  it.each([
    ['nothing', ''],
    ['characters outside the alphabet', 'a=b!'],
    ['no JSON', Buffer.from('abc').toString('base64url')],
    ['no array', Buffer.from('{"length":1}').toString('base64url')],
    ['a number', Buffer.from('[1]').toString('base64url')],
    ['JSON in another spelling', Buffer.from('[ "a" ]').toString('base64url')],
    ['a NUL', encodeCursor(['\u0000'])],
    ['half a surrogate pair', encodeCursor(['\ud800'])],
  ])('is refused when it is made up: %s', (_what, cursor) => {
    expect(() => decodeCursor(cursor, 1)).toThrow(refusal);
  });

  it('has one spelling: trailing bits that base64 ignores are refused', () => {
    const cursor = encodeCursor(['ab']);
    const last = cursor.at(-1) ?? '';
    const twins = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .filter((digit) => digit !== last)
      .map((digit) => cursor.slice(0, -1) + digit);
    for (const twin of twins) expect(() => decodeCursor(twin, 1)).toThrow(refusal);
  });
});

describe('the id of a list', () => {
  it('is that of its filters, in whatever order they are given, and of no others', () => {
    const id = listIdOf({ status: 'active', q: 'ci' });
    expect(listIdOf({ q: 'ci', type: undefined, status: 'active' })).toBe(id);
    for (const other of [{}, { q: 'ci' }, { status: 'ci', q: 'active' }, { status: 'active', q: '' }]) {
      expect(listIdOf(other)).not.toBe(id);
    }
  });
});
