import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from './create-logger.js';
import { ThrottledLog } from './throttled-log.js';

const away = (code = 'ECONNREFUSED') => Object.assign(new Error('no answer'), { code, client: { password: 'sesame' } });

describe('ThrottledLog', () => {
  let lines: Record<string, unknown>[];
  let log: ThrottledLog;
  beforeEach(() => {
    jest.useFakeTimers();
    lines = [];
    const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
    log = new ThrottledLog(createLogger({ format: 'json', destination: { write } }), 10_000);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const told = () => lines.splice(0).map(({ level, msg, times, id }) => ({ level, msg, times, id }));

  it('writes the first line of a kind at once, and of those that follow one every ten seconds, with their number', () => {
    for (let id = 0; id < 1_000; id += 1) log.warn({ err: away(), id }, 'a call was refused');
    expect(told()).toEqual([{ level: 'warn', msg: 'a call was refused', times: undefined, id: 0 }]);
    jest.advanceTimersByTime(9_999);
    expect(told()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(told()).toEqual([{ level: 'warn', msg: 'a call was refused', times: 999, id: 999 }]);
    log.warn({ err: away(), id: 1_000 }, 'a call was refused');
    jest.advanceTimersByTime(10_000);
    expect(told()).toEqual([{ level: 'warn', msg: 'a call was refused', times: 1, id: 1_000 }]);
  });

  it('begins anew once a kind has not come up for ten seconds', () => {
    log.warn({ err: away(), id: 1 }, 'a call was refused');
    jest.advanceTimersByTime(20_000);
    log.warn({ err: away(), id: 2 }, 'a call was refused');
    expect(told().map(({ id }) => id)).toEqual([1, 2]);
  });

  it('holds nothing back for the sake of another level, message or code', () => {
    log.warn({ err: away() }, 'a call was refused');
    log.error({ err: away() }, 'a call was refused');
    log.warn({ err: away('ETIMEDOUT') }, 'a call was refused');
    log.warn({}, 'the queue is away');
    expect(told()).toHaveLength(4);
  });

  it('tells of an error its name, message and code', () => {
    log.error({ err: away() }, 'the queue is away');
    expect(lines[0]?.['err']).toEqual({ type: 'Error', message: 'no answer', code: 'ECONNREFUSED' });
  });

  it('keeps a bounded number of kinds, whatever codes come', () => {
    for (let code = 0; code < 10_000; code += 1) log.warn({ err: away(`E${code}`) }, 'a call was refused');
    expect(lines.length).toBeLessThanOrEqual(101);
    jest.advanceTimersByTime(10_000);
    const held = lines.reduce((sum, { times }) => sum + Number(times ?? 0), 0);
    expect(held).toBe(10_000 - 101);
  });
});
