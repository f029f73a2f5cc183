import { describe, expect, it } from '@jest/globals';
import { sweep, SWEEP_PAGE_SIZE, type SweptToken } from './sweep.js';

const rows = (count: number, owners = 7): SweptToken[] =>
  Array.from({ length: count }, (_, index) => ({
    uid: String(index).padStart(6, '0'),
    owner_uid: `owner-${index % owners}`,
  }));

/** Pages over rows in the order of their uids. */
function pagesOver(all: readonly SweptToken[]): (after: SweptToken | null) => Promise<SweptToken[]> {
  return async (after) => all.filter(({ uid }) => uid > (after?.uid ?? '')).slice(0, SWEEP_PAGE_SIZE);
}

describe('sweep', () => {
  it.each([0, 1, SWEEP_PAGE_SIZE, SWEEP_PAGE_SIZE + 1, 3 * SWEEP_PAGE_SIZE])(
    'does what is to be done about each of %d rows, once',
    async (count) => {
      const done: string[] = [];
      const carryOut = async ({ uid }: SweptToken) => done.push(uid) > 0;
      const counts = await sweep({ page: pagesOver(rows(count)), carryOut });
      expect(counts).toEqual({ found: count, recorded: count });
      expect(done.sort()).toEqual(rows(count).map(({ uid }) => uid));
    },
  );

  it('works on one token of an owner at a time, because they share a stream of slots', async () => {
    const busy = new Set<string>();
    await sweep({
      page: pagesOver(rows(100)),
      carryOut: async ({ owner_uid }) => {
        expect(busy.has(owner_uid)).toBe(false);
        busy.add(owner_uid);
        await Promise.resolve();
        busy.delete(owner_uid);
        return true;
      },
    });
  });

  it('does the rest when one fails, and then fails with it', async () => {
    const done: string[] = [];
    const carryOut = async ({ uid }: SweptToken) => {
      if (uid === '000003') throw new Error('poisoned');
      return done.push(uid) > 0;
    };
    await expect(sweep({ page: pagesOver(rows(SWEEP_PAGE_SIZE + 10)), carryOut })).rejects.toThrow('poisoned');
    expect(done).toHaveLength(SWEEP_PAGE_SIZE + 9);
  });
});
