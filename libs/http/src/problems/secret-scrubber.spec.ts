import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretScrubber } from './secret-scrubber.js';

const digits = fc.stringMatching(/^[0-9A-Za-z]{65}$/);
const tokens = fc
  .tuple(fc.constantFrom('p', 'o', 's', 'c', 'f', 'a', 'm', 'd'), digits)
  .map(([kind, text]) => `tl${kind}_${text.slice(0, 16)}_${text.slice(16)}`);

describe('SecretScrubber', () => {
  const scrubber = new SecretScrubber();

  it('cuts every token string to its prefix, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), tokens, fc.string(), tokens, (before, first, between, second) => {
        const text = `${before}${first} ${between}"${second}`;
        const scrubbed = scrubber.scrub(text);
        expect(scrubbed).toContain(first.slice(0, 12));
        expect(scrubbed).toContain(second.slice(0, 12));
        expect(scrubbed).not.toContain(first.slice(12));
        expect(scrubbed).not.toContain(second.slice(12));
      }),
    );
  });

  it('finds the first token string whole, and shows no more than its prefix', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom('', ' ', 'y', '/tail', '"'), (token, behind) => {
        const found = scrubber.find(`/v1/tokens/${token}${behind}`);
        expect(found?.reveal()).toBe(token);
        expect(JSON.stringify(found)).toBe(JSON.stringify({ prefix: token.slice(0, 12) }));
      }),
    );
  });

  it('leaves prefixes and uids alone', () => {
    const text = 'tlp_abcdefgh tok_01HZZZZZZZZZZZZZZZZZZZZZZZ tlp_abcdefgh12345678_short';
    expect(scrubber.scrub(text)).toBe(text);
    expect(scrubber.find(text)).toBeNull();
  });

  it('knows the brand of its installation only', () => {
    const acme = `acmep_abcdefgh12345678_${'x'.repeat(49)}`;
    expect(new SecretScrubber('acme').find(acme)).toMatchObject({ prefix: 'acmep_abcdefgh' });
    expect(scrubber.find(acme)).toBeNull();
    expect(() => new SecretScrubber('a.*')).toThrow('not a token brand');
  });

  it('costs no more than linear time on text made to look like tokens', () => {
    const start = performance.now();
    scrubber.scrub('tl'.repeat(500_000));
    scrubber.scrub(`tl${'a'.repeat(1_000_000)}`);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('shows a path without its query, and cuts a token out of it even when it is escaped', () => {
    const token = `tlp_abcdefgh12345678_${'x'.repeat(49)}`;
    expect(scrubber.pathOf(`/v1/a%20b?q=${token}`)).toBe('/v1/a%20b');
    expect(scrubber.pathOf(`/v1/${token.replaceAll('_', '%5f')}/ü`)).toBe('/v1/tlp_abcdefgh/%C3%BC');
    expect(scrubber.pathOf(`/v1/%zz/${token}`)).toBe('/v1/%zz/tlp_abcdefgh');
  });
});
