import { describe, expect, it } from '@jest/globals';
import { InvalidSettings } from '#libs/config';
import { KIND_OF_TYPE, parseTokenString } from '#libs/tokens/domain';
import { mintToken } from './mint-token.js';
import { UsageError } from './usage-error.js';

describe('mintToken', () => {
  it.each(Object.entries(KIND_OF_TYPE))('makes a well-formed token string of type %s', (type, kind) => {
    expect(parseTokenString(mintToken(type, {}), 'tl')).toMatchObject({ ok: true, kind });
  });

  it('takes the brand that the server takes', () => {
    expect(parseTokenString(mintToken('admin', { TOKEN_BRAND: 'acme' }), 'acme')).toMatchObject({ ok: true });
    expect(() => mintToken('admin', { TOKEN_BRAND: 'Acme' })).toThrow(InvalidSettings);
  });

  it('never makes the same twice', () => {
    const drawn = Array.from({ length: 100 }, () => mintToken('admin', {}));
    expect(new Set(drawn).size).toBe(100);
  });

  it('names the types that there are when it is given another', () => {
    expect(() => mintToken('toString', {})).toThrow(UsageError);
    expect(() => mintToken('frog', {})).toThrow(/"frog"\. There are: personal, .*admin/);
  });
});
