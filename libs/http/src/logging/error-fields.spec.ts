import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { errorFields, reasonOf } from './error-fields.js';

describe('what the log tells of an error', () => {
  it('is its name, message, code and stack, and nothing that a driver hangs on it', () => {
    const client = { connectionParameters: { user: 'ledger', password: 'sesame' } };
    const error = Object.assign(new TypeError('gone'), { code: 'ECONNRESET', client, host: '10.0.0.1' });
    expect(errorFields(error)).toEqual({
      type: 'TypeError',
      message: 'gone',
      code: 'ECONNRESET',
      stack: expect.stringContaining('error-fields.spec'),
    });
  });

  it('leaves out the query and its values', () => {
    const driverError = Object.assign(new Error('out of space'), { code: '53100', detail: 'Key (hash)=(abc)' });
    const error = new QueryFailedError('insert into secrets values ($1)', ['sesame'], driverError);
    expect(JSON.stringify(errorFields(error))).not.toMatch(/sesame|insert into|abc/);
    expect(reasonOf(error)).toEqual({ type: 'QueryFailedError', message: 'out of space', code: '53100' });
  });

  it('is told with the causes, whose code counts where the error has none', () => {
    const network = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new Error('the log cannot be read', { cause: network });
    const message = 'the log cannot be read: connect ECONNREFUSED';
    expect(reasonOf(error)).toEqual({ type: 'Error', message, code: 'ECONNREFUSED' });
    const several = new AggregateError([network, network], '');
    expect(reasonOf(several)).toEqual({
      type: 'AggregateError',
      message: 'connect ECONNREFUSED',
      code: 'ECONNREFUSED',
    });
  });

  it('holds no password of an address', () => {
    const error = new Error('cannot reach postgres://ledger:sesame@db:5432/ledger or redis://:sesame@cache');
    expect(JSON.stringify(errorFields(error))).not.toContain('sesame');
    expect(reasonOf(error).message).toContain('postgres://ledger:***@db:5432/ledger');
  });

  it('takes whatever was thrown, and ends where causes go in circles', () => {
    expect(errorFields('thrown')).toEqual({ type: 'string', message: 'thrown' });
    expect(errorFields(undefined)).toEqual({ type: 'undefined', message: '' });
    const circle = new Error('again');
    circle.cause = circle;
    expect(reasonOf(circle).message).toMatch(/^again(: again){4}$/);
  });
});
