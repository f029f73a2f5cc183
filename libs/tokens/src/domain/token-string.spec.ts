import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  drawTokenString,
  formatTokenString,
  holdsTokenString,
  parseTokenString,
  shownPrefix,
  type TokenKind,
} from './token-string.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...BASE62), minLength: length, maxLength: length });
const kind = fc.constantFrom<TokenKind>('p', 'o', 's', 'c', 'f', 'a', 'm', 'd');
const brand = fc.constantFrom('tl', 'acme1', 'abcdefgh');
const parts = fc.record({ brand, kind, keyId: digits(16), secret: digits(43) });

describe('a token string', () => {
  it('has the layout that secret scanners look for', () => {
    const { text } = drawTokenString('tl', 'p', randomBytes);
    expect(text).toMatch(/^tl[poscfamd]_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    expect(text).toHaveLength(70);
  });

  it('is read back as what it was made of, in any brand', () => {
    fc.assert(
      fc.property(parts, (of) => {
        expect(parseTokenString(formatTokenString(of), of.brand)).toEqual({
          ok: true,
          kind: of.kind,
          keyId: of.keyId,
          prefix: shownPrefix(of.brand, of.kind, of.keyId),
        });
      }),
    );
  });

  it('shows brand, kind and the first 8 digits of keyId, and nothing of the secret', () => {
    expect(shownPrefix('tl', 'p', '0123456789ABCDEf')).toBe('tlp_01234567');
  });

  it('is refused for its checksum after any single typing error in its digits', () => {
    const place = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(parts, place, fc.constantFrom(...BASE62), (of, at, digit) => {
        const text = formatTokenString(of);
        const from = of.brand.length + 2;
        const index = from + (at % (text.length - from));
        fc.pre(text[index] !== '_' && text[index] !== digit);
        const mistyped = text.slice(0, index) + digit + text.slice(index + 1);
        expect(parseTokenString(mistyped, of.brand)).toEqual({ ok: false, code: 'checksum_mismatch' });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['another brand', formatTokenString({ brand: 'xx', kind: 'p', keyId: 'A'.repeat(16), secret: 'b'.repeat(43) })],
    ['a longer brand', formatTokenString({ brand: 'tlx', kind: 'p', keyId: 'A'.repeat(16), secret: 'b'.repeat(43) })],
    ['an unknown kind', `tlx_${'A'.repeat(16)}_${'b'.repeat(49)}`],
    ['one digit too many', `tlp_${'A'.repeat(16)}_${'b'.repeat(50)}`],
    ['one digit too few', `tlp_${'A'.repeat(16)}_${'b'.repeat(48)}`],
    ['a separator at the wrong place', `tlp_${'A'.repeat(15)}_${'b'.repeat(50)}`],
    ['a digit that is not base62', `tlp_${'A'.repeat(16)}_${'b'.repeat(48)}-`],
    ['a letter that is not ASCII', `tlp_${'A'.repeat(15)}é_${'b'.repeat(49)}`],
    ['a line end', `tlp_${'A'.repeat(16)}_${'b'.repeat(48)}\n`],
  ])('is malformed: %s', (_what, text) => {
    expect(parseTokenString(text, 'tl')).toEqual({ ok: false, code: 'malformed_token' });
  });

  it('has a constant length, however small its checksum is', () => {
    fc.assert(
      fc.property(parts, (of) => {
        expect(formatTokenString(of)).toHaveLength(of.brand.length + 68);
      }),
    );
  });

  it('is recognised inside of other text, and its prefix alone is not', () => {
    const { text, prefix } = drawTokenString('tl', 'o', randomBytes);
    expect(holdsTokenString(`find ${text}!`)).toBe(true);
    expect(holdsTokenString(prefix)).toBe(false);
  });

  it('is drawn anew each time', () => {
    const drawn = Array.from({ length: 100 }, () => drawTokenString('tl', 'p', randomBytes));
    expect(new Set(drawn.map(({ text }) => text)).size).toBe(100);
    expect(new Set(drawn.map(({ keyId }) => keyId)).size).toBe(100);
  });
});
