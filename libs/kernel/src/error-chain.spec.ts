import { describe, expect, it } from '@jest/globals';
import { errorChain, withoutPasswords } from './error-chain.js';

const network = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('errorChain', () => {
  it('leads from what was thrown to the cause, however that is attached', () => {
    const wrapped = new Error('away', { cause: network });
    const several = new AggregateError([network, new Error('other')], '');
    const raw = Object.assign(new Error('13 INTERNAL'), { _raw: network });
    for (const error of [wrapped, several, raw]) expect(errorChain(error)).toEqual([error, network]);
  });

  it('takes whatever was thrown, and ends where causes go in circles', () => {
    expect(errorChain('thrown')).toEqual([{ message: 'thrown' }]);
    for (const nothing of [undefined, null]) expect(errorChain(nothing)).toEqual([]);
    const circle = new Error('again');
    circle.cause = circle;
    expect(errorChain(circle)).toHaveLength(5);
  });
});

describe('withoutPasswords', () => {
  it('hides the password of every address, whatever its scheme', () => {
    expect(withoutPasswords('postgres://ledger:sesame@db/l and redis://:sesame@cache, esdb+discover://a:b@c')).toBe(
      'postgres://ledger:***@db/l and redis://:***@cache, esdb+discover://a:***@c',
    );
  });

  it('hides that of one address wherever it is repeated, as it was written and as it is meant', () => {
    const url = 'postgres://ledger:se%23same@db/ledger';
    expect(withoutPasswords(`cannot use ${url}: "se#same" or se%23same is wrong`, url)).toBe(
      'cannot use postgres://ledger:***@db/ledger: "***" or *** is wrong',
    );
  });

  it('leaves a text without passwords alone, also next to an address without one', () => {
    for (const url of ['', 'postgres://db/ledger', 'postgres://ledger@db', 'postgres://ledger:%@db']) {
      expect(withoutPasswords('no such host: db:5432', url)).toBe('no such host: db:5432');
    }
  });
});
