import { describe, expect, it } from '@jest/globals';
import { challengeFor } from './challenge.js';
import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';

const REALM = 'Bearer realm="token-ledger"';

describe('challengeFor', () => {
  it.each([
    ['missing_token', REALM],
    ['wrong_scheme', REALM],
    ['malformed_token', `${REALM}, error="invalid_request"`],
    ['checksum_mismatch', `${REALM}, error="invalid_request"`],
    ['unknown_token', `${REALM}, error="invalid_token"`],
    ['expired_token', `${REALM}, error="invalid_token", error_description="The token has expired."`],
    ['revoked_token', `${REALM}, error="invalid_token", error_description="The token was revoked."`],
    ['insufficient_scope', `${REALM}, error="insufficient_scope"`],
    ['operations_not_allowed', null],
    ['insufficient_credits', null],
    ['verification_unavailable', null],
  ] as const)('%s: %s', (code, challenge) => {
    expect(challengeFor(code)).toBe(challenge);
  });

  it('names the scope that is missing', () => {
    const challenge = challengeFor('insufficient_scope', { scope: 'tokens:write' });
    expect(challenge).toBe(`${REALM}, error="insufficient_scope", scope="tokens:write"`);
  });

  it('gives every 401 a challenge, as RFC 9110 §15.5.2 demands', () => {
    const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[];
    const without = codes.filter((code) => ERROR_CATALOGUE[code].status === 401 && challengeFor(code) === null);
    expect(without).toEqual([]);
  });

  it('lets no text out of its quotes, and no character into a header that cannot stand there', () => {
    const detail = 'a "quote", a \\ and a line\r\nX-Injected: é';
    const challenge = challengeFor('expired_token', { detail }) ?? '';
    expect(challenge).toBe(
      `${REALM}, error="invalid_token", error_description="a 'quote', a ' and a line??X-Injected: ?"`,
    );
  });
});
