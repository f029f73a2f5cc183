import { describe, expect, it } from '@jest/globals';
import { within } from './within.js';

const LONG_MS = 60_000;
const never = new Promise<string>(() => undefined);

describe('within', () => {
  it('gives what the work gives in time, and throws what it throws', async () => {
    expect(await within(LONG_MS, Promise.resolve('done'), () => 'late')).toBe('done');
    await expect(within(LONG_MS, Promise.reject(new Error('broken')), () => 'late')).rejects.toThrow('broken');
  });

  it('gives or throws what is said for work that is late', async () => {
    expect(await within(1, never, () => 'late')).toBe('late');
    const refusal = () => {
      throw new Error('late');
    };
    await expect(within(1, never, refusal)).rejects.toThrow('late');
  });

  it('leaves alone what comes of late work', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<string>((_resolve, reject) => (fail = reject));
    expect(await within(1, work, () => 'late')).toBe('late');
    fail(new Error('nobody is told'));
  });
});
