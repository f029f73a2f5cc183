import { describe, expect, it } from '@jest/globals';
import { StreamNames } from './stream-names.js';

describe('StreamNames', () => {
  const plain = new StreamNames('');
  const acme = new StreamNames('acme.');

  it.each(['token-1', 'account-a', 'usage-n-b', 'handle-a.b', 'system'])(
    'knows %s with and without a prefix',
    (name) => {
      for (const names of [plain, acme]) {
        expect(names.ofLedger(names.onServer(name))).toBe(name);
        expect(new RegExp(names.pattern).test(names.onServer(name))).toBe(true);
      }
      expect(acme.ofLedger(name)).toBeNull();
      expect(plain.ofLedger(`acme.${name}`)).toBeNull();
      expect(new RegExp(plain.pattern).test(`acme.${name}`)).toBe(false);
    },
  );

  it.each([
    { categories: ['security'], matched: ['token-1', 'system', 'usages'] },
    { categories: ['account'], matched: ['account-a'] },
    { categories: ['usage'], matched: ['usage-n-b'] },
    { categories: ['account', 'usage'], matched: ['account-a', 'usage-n-b'] },
    { categories: ['usage', 'security'], matched: ['token-1', 'usage-n-b', 'system', 'usages'] },
    {
      categories: ['security', 'usage', 'account'],
      matched: ['token-1', 'account-a', 'usage-n-b', 'system', 'usages'],
    },
  ] as const)('finds the streams of $categories and no others', ({ categories, matched }) => {
    const streams = ['token-1', 'account-a', 'usage-n-b', 'system', 'usages'];
    for (const names of [plain, acme]) {
      const pattern = new RegExp(names.patternOf(categories));
      expect(streams.filter((stream) => pattern.test(names.onServer(stream)))).toEqual(matched);
      expect(
        ['$stats', '$$token-1', 'security', 'retention', 'lease-1', 'zeta.token-1'].some((name) => pattern.test(name)),
      ).toBe(false);
    }
  });

  it.each(['$stats', '$$token-1', 'security', 'retention', 'lease-1'])('keeps %s from readers of the log', (name) => {
    for (const names of [plain, acme]) {
      expect(names.ofLedger(names.onServer(name))).toBeNull();
      expect(new RegExp(names.pattern).test(names.onServer(name))).toBe(false);
    }
  });
});
