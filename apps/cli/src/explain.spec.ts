import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { InvalidSettings } from '#libs/config';
import { refuse } from '#libs/contracts';
import { DataDirectoryInUse } from '#libs/postgres';
import { explain } from './explain.js';

describe('explain', () => {
  it('leaves one sentence of what a person can mend', () => {
    expect(explain(new InvalidSettings('PORT: must be a number.'))).toBe('PORT: must be a number.');
    expect(explain(new DataDirectoryInUse('/data', 7))).toMatch(/^Cannot use \/data: another ledger \(pid 7\).*\.$/);
    expect(explain(refuse('conflict', { detail: 'A rebuild is under way.' }))).toBe('A rebuild is under way.');
  });

  it('says why a database cannot be reached, at one address or at several', async () => {
    const refused = await failureOf('postgres://ledger@127.0.0.1:1/ledger');
    expect(explain(refused)).toBe('The data of the ledger cannot be reached: connect ECONNREFUSED 127.0.0.1:1.');
    const several = new AggregateError([refused, refused], '');
    expect(explain(several)).toBe('The data of the ledger cannot be reached: connect ECONNREFUSED 127.0.0.1:1.');
  });

  it('keeps the stack of a defect', () => {
    expect(explain(new TypeError('x is not a function'))).toContain('explain.spec');
    expect(explain(new AggregateError([], 'nothing'))).toContain('explain.spec');
    expect(explain('thrown')).toBe('thrown');
  });
});

async function failureOf(connectionString: string): Promise<Error> {
  const client = new pg.Client({ connectionString });
  return client.connect().then(
    () => new Error('it was reached'),
    (error: Error) => error,
  );
}
