import { describe, expect, it } from '@jest/globals';
import { LogUnavailable } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { describeError, isRefusedValue, isTransient, storable } from './database-errors.js';

const state = (code: string): Error => Object.assign(new Error('refused'), { name: 'error', code });
const broken = (work: () => void): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('what failed', () => {
  it.each(['22021', '22P04', '23505', '23514', '21000', '54000'])('is the value when PostgreSQL says %s', (code) => {
    expect([isRefusedValue(state(code)), isTransient(state(code))]).toEqual([true, false]);
  });

  it.each(['08006', '40001', '40P01', '53300', '55P03', '57P01', '57014', '58030'])(
    'may pass when PostgreSQL says %s',
    (code) => {
      expect([isRefusedValue(state(code)), isTransient(state(code))]).toEqual([false, true]);
    },
  );

  it.each(['42P01', '42703', 'XX000', '0A000'])('is neither the value nor a moment when PostgreSQL says %s', (code) => {
    expect([isRefusedValue(state(code)), isTransient(state(code))]).toEqual([false, false]);
  });

  it('may pass when the connection or the log is away', () => {
    const system = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    expect([system, new Error('Connection terminated'), new LogUnavailable('away')].map(isTransient)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('is the program when it is an error of its own', () => {
    const violated = broken(() => assert(false, 'no'));
    expect([violated, new TypeError('x'), new RangeError('x'), null, 'x'].map(isTransient)).toEqual(
      Array(5).fill(false),
    );
  });

  it('is described in what PostgreSQL can store, without the row that it names in its details', () => {
    const refused = Object.assign(state('23514'), { detail: 'Failing row contains (secret)' });
    expect(describeError(refused)).toBe('23514 error: refused');
    expect(describeError('a\u0000b')).toBe('a\u2400b');
    expect(storable('\ud800x🪙')).toBe('\ufffdx🪙');
  });
});
