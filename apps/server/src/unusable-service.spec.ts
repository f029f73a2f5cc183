import { describe, expect, it } from '@jest/globals';
import { requireUsable, UnusableService } from './unusable-service.js';

const DATABASE = { setting: 'DATABASE_URL', kind: 'PostgreSQL' } as const;

describe('UnusableService', () => {
  it('says which setting and why, in one sentence', () => {
    const error = new UnusableService({ ...DATABASE, url: 'postgres://db/ledger' }, new Error('no such\n  host.'));
    expect(error.message).toBe('DATABASE_URL names a PostgreSQL that cannot be used: no such host.');
  });

  it('hides the password, as it was written and as it is meant, whoever repeats it', () => {
    const url = 'postgres://ledger:se%23same@db/ledger';
    const cause = new Error(`cannot use ${url}: "se#same" is not the password`);
    expect(new UnusableService({ ...DATABASE, url }, cause).message).toBe(
      'DATABASE_URL names a PostgreSQL that cannot be used: ' +
        'cannot use postgres://ledger:***@db/ledger: "***" is not the password.',
    );
  });

  it('keeps no error that could hold a connection', async () => {
    const cause = Object.assign(new Error('refused'), { client: { password: 'sesame' } });
    const failed = requireUsable({ ...DATABASE, url: 'postgres://db/ledger' }, () => Promise.reject(cause));
    await expect(failed).rejects.toThrow(UnusableService);
    const error = await failed.catch((thrown: unknown) => thrown as Error);
    expect(Object.values(error)).not.toContain(cause);
    expect(error).not.toHaveProperty('cause');
  });

  it('tells the words of the network where they come wrapped', () => {
    const network = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const several = Object.assign(new Error(''), { errors: [network, network] });
    const wrapped = new Error('the event log cannot be read', { cause: network });
    for (const cause of [network, several, wrapped]) {
      expect(new UnusableService({ ...DATABASE, url: 'postgres://db' }, cause).message).toMatch(
        /: connect ECONNREFUSED 127\.0\.0\.1:1\.$/,
      );
    }
  });
});
