import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTokenString } from './domain/token-string.js';
import { TokenHasher } from './token-hasher.js';
import { TokenMint } from './token-mint.js';

const secrets = { brand: 'tl', pepperId: '01234567', pepper: randomBytes(32) };
const hasher = new TokenHasher(secrets);
const mint = new TokenMint(secrets, hasher);

describe('TokenMint', () => {
  it('makes well-formed token strings with what may be stored of them', () => {
    const { secret, keyId, prefix, pepperId } = mint.mint('p');
    expect(parseTokenString(secret.expose(), 'tl')).toEqual({ ok: true, kind: 'p', keyId, prefix });
    expect(pepperId).toBe('01234567');
  });

  it('P12: shows the secret to nobody who prints it', () => {
    const minted = mint.mint('p');
    const text = minted.secret.expose();
    expect(`${inspect(minted)} ${JSON.stringify(minted)} ${String(minted.secret)}`).not.toContain(text.slice(21));
  });

  it('takes over a token string that was made elsewhere, of its own brand and the kind asked for', () => {
    const { secret, keyId, prefix, verifier, pepperId } = mint.mint('a');
    const adopted = mint.adopt(secret.expose(), 'a');
    expect(adopted).toMatchObject({ keyId, prefix, verifier, pepperId });
    expect(mint.adopt(secret.expose(), 'p')).toBeNull();
    expect(mint.adopt(`${secret.expose()}x`, 'a')).toBeNull();
    expect(new TokenMint({ ...secrets, brand: 'xx' }, hasher).adopt(secret.expose(), 'a')).toBeNull();
  });
});

describe('TokenHasher', () => {
  const { secret, verifier } = mint.mint('p');
  const text = secret.expose();

  it('is HMAC-SHA-256 under the pepper over "v1" and the whole token string', () => {
    expect(verifier).toBe(createHmac('sha256', secrets.pepper).update(`v1${text}`).digest('hex'));
  });

  it('is that HMAC for any text, and for a pepper of any length', () => {
    const peppers = fc.uint8Array({ minLength: 32, maxLength: 200 });
    const texts = fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(peppers, fc.array(texts, { minLength: 1, maxLength: 4 }), (pepper, several) => {
        const own = new TokenHasher({ ...secrets, pepper });
        for (const one of several) {
          const expected = createHmac('sha256', pepper).update('v1').update(one).digest('hex');
          expect(own.verifierOf(one)).toBe(expected);
          expect(own.matches(one, expected)).toBe(true);
        }
      }),
    );
  });

  it('confirms a token string by its own verifier alone', () => {
    expect(hasher.matches(text, verifier)).toBe(true);
    expect(hasher.matches(mint.mint('p').secret.expose(), verifier)).toBe(false);
    expect(hasher.matches(text, mint.mint('p').verifier)).toBe(false);
  });

  it('confirms nothing under another pepper', () => {
    const other = new TokenHasher({ ...secrets, pepper: randomBytes(32) });
    expect(other.matches(text, verifier)).toBe(false);
  });

  it.each([null, '', 'ab', verifier.slice(2), `${verifier}00`, 'no hexadecimal digits', '00'.repeat(32)])(
    'confirms nothing by %j, which is the verifier of nothing',
    (nothing) => {
      expect(hasher.matches(text, nothing)).toBe(false);
    },
  );
});
