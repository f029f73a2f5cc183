import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bearerToken, parseAuthorization } from './authorization-header.js';

describe('parseAuthorization', () => {
  it.each([
    ['Bearer abc', 'bearer', 'abc', false],
    ['bEaReR abc', 'bearer', 'abc', false],
    ['Bearer  abc', 'bearer', 'abc', true],
    ['Bearer\tabc', 'bearer', 'abc', true],
    [' Bearer abc ', 'bearer', 'abc', true],
    ['Basic dXNlcjpwYXNz', 'basic', 'dXNlcjpwYXNz', false],
    ['Bearer', 'bearer', '', false],
    ['Bearer abc, Bearer def', 'bearer', 'abc, Bearer def', false],
  ])('takes %j apart', (header, scheme, token, trimmed) => {
    expect(parseAuthorization(header)).toEqual({ scheme, token, trimmed });
  });

  it.each([undefined, '', '  '])('finds nothing in %j', (header) => {
    expect(parseAuthorization(header)).toBeNull();
  });

  it('never takes a token that came without a scheme for the scheme, which may be shown', () => {
    const token = `tlp_abcdefgh12345678_${'x'.repeat(49)}`;
    expect(parseAuthorization(token)).toEqual({ scheme: '', token: '', trimmed: false });
  });

  it('refuses a header that came twice', () => {
    expect(() => parseAuthorization(['Bearer a', 'Bearer b'])).toThrow(
      expect.objectContaining({ code: 'malformed_token' }),
    );
    expect(parseAuthorization(['Bearer a'])).toMatchObject({ token: 'a' });
  });

  it('gives back any token that is sent in the usual form', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,80}$/), (token) => {
        expect(parseAuthorization(`Bearer ${token}`)).toEqual({ scheme: 'bearer', token, trimmed: false });
      }),
    );
  });
});

describe('bearerToken', () => {
  it.each([
    [undefined, 'missing_token'],
    ['Basic abc', 'wrong_scheme'],
    ['abc', 'wrong_scheme'],
    ['Bearer', 'malformed_token'],
  ])('refuses %j with %s', (header, code) => {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code }));
  });

  it('is what follows the scheme', () => {
    expect(bearerToken('Bearer  abc')).toEqual({ token: 'abc', trimmed: true });
  });
});
