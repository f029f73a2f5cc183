import { describe, expect, it } from '@jest/globals';
import { ACME, AT, givenAccount, opened } from '../testing/account-facts.js';
import { refusal } from '../testing/refusal.js';
import { type AccountFact, type AccountTerms, decideTerms, initialAccount } from './index.js';

const changed = (mode: 'prepaid' | 'postpaid', limit: string | null): AccountFact => ({
  type: 'AccountModeChanged',
  data: { accountUid: ACME, before: { mode: 'prepaid', limit: '0' }, after: { mode, limit } },
});

describe('decideTerms', () => {
  it.each<[string, AccountTerms, 'prepaid' | 'postpaid', string | null]>([
    ['a limit alone leaves the mode', { limit: 7n }, 'prepaid', '7'],
    ['no limit at all', { limit: null }, 'prepaid', null],
    ['postpaid without a limit has none', { mode: 'postpaid' }, 'postpaid', null],
    ['postpaid with a limit keeps to it', { mode: 'postpaid', limit: 500n }, 'postpaid', '500'],
    ['postpaid with the limit that it has', { mode: 'postpaid', limit: 0n }, 'postpaid', '0'],
  ])('%s', (_name, terms, mode, limit) => {
    const facts = decideTerms(givenAccount(ACME, opened(ACME)), terms, { at: AT });
    expect(facts).toEqual([changed(mode, limit)]);
    expect(givenAccount(ACME, opened(ACME), ...facts)).toMatchObject({
      mode,
      limit: limit === null ? null : BigInt(limit),
    });
  });

  it('turning back to prepaid without naming a limit sets it to 0', () => {
    const postpaid = givenAccount(ACME, opened(ACME), changed('postpaid', null));
    expect(decideTerms(postpaid, { mode: 'prepaid' }, { at: AT })).toMatchObject([
      { data: { before: { mode: 'postpaid', limit: null }, after: { mode: 'prepaid', limit: '0' } } },
    ]);
  });

  it.each<[AccountTerms]>([[{}], [{ mode: 'prepaid' }], [{ limit: 0n }], [{ mode: 'prepaid', limit: 0n }]])(
    'is silent when nothing differs: %p',
    (terms) => {
      expect(decideTerms(givenAccount(ACME, opened(ACME)), terms, { at: AT })).toEqual([]);
    },
  );

  it('refuses an account that was never opened', () => {
    expect(() => decideTerms(initialAccount(ACME), { limit: null }, { at: AT })).toThrow(refusal('not_found'));
  });
});
