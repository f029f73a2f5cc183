import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretScrubber } from '../problems/secret-scrubber.js';
import { inspectUrl } from './inspect-url.js';

const scrubber = new SecretScrubber();
const SECRET = `tlo_abcdefgh12345678_${'0'.repeat(49)}`;

const escaped = (text: string) =>
  [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

describe('inspectUrl', () => {
  it.each(['/', '/v1/tokens?', '/v1/tokens?a=1&b=2', '/v1/tokens/a%20b?q=%C3%BC&&x', '/v1/x?q=a+b', '/v1/a+b'])(
    'finds nothing wrong with %s',
    (target) => {
      expect(inspectUrl(target, scrubber)).toBeNull();
    },
  );

  it('takes any text that is properly escaped', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'));
    fc.assert(
      fc.property(
        text.filter((name) => !(name in {})),
        text,
        (name, value) => {
          const target = `/v1/${encodeURIComponent(value)}?${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
          expect(inspectUrl(target, scrubber)).toBeNull();
        },
      ),
    );
  });

  it.each([
    ['access_token', 'malformed_token'],
    ['token', 'malformed_token'],
    ['api_key', 'malformed_token'],
    ['q', 'secret_in_request'],
  ])('finds a token string under %s, escaped or not', (name, code) => {
    for (const value of [SECRET, escaped(SECRET), `x${SECRET}y`]) {
      const fault = inspectUrl(`/v1/tokens?a=1&${name}=${value}`, scrubber);
      expect(fault).toMatchObject({ refusal: { code }, secret: { prefix: 'tlo_abcdefgh' } });
    }
  });

  it('finds a token string before it complains of anything else', () => {
    expect(inspectUrl(`/v1/tokens?q=1&q=${SECRET}`, scrubber)).toMatchObject({ secret: { prefix: 'tlo_abcdefgh' } });
  });

  it.each([
    ['/v1/%', 'invalid_request'],
    ['/v1/%ff', 'invalid_request'],
    ['/v1/x?a=%c3', 'invalid_request'],
    ['/v1/x?%00', 'invalid_request'],
    ['/v1/x?a=1&%61=2', 'validation_failed'],
    ['/v1/x?constructor=1', 'unknown_field'],
    ['/v1/x?__proto__=1', 'unknown_field'],
  ])('refuses %s', (target, code) => {
    expect(inspectUrl(target, scrubber)).toMatchObject({ refusal: { code } });
  });
});
