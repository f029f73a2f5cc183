import { describe, expect, it } from '@jest/globals';
import { DAY_MS, uidFrom } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { FreeUseKeyReader, FreeUseKeys, isForgotten, type KeyedUse } from './free-use-keys.js';

/** What a read model holds, as far as it has come. */
class KnownKeys extends FreeUseKeyReader {
  readonly uses = new Map<string, KeyedUse>();

  find(keyHash: string): Promise<KeyedUse | null> {
    return Promise.resolve(this.uses.get(keyHash) ?? null);
  }
}

describe('FreeUseKeys', () => {
  const clock = new ManualClock();
  const reader = new KnownKeys();
  let recorded = 0;
  const newUse = (): KeyedUse => {
    recorded += 1;
    return { useId: uidFrom('use', clock.now(), `${recorded}`), fingerprint: `f${recorded}` };
  };
  const record = () => Promise.resolve(newUse());

  it('gives one use to all callers of a key, until it is 24 hours old', async () => {
    const keys = new FreeUseKeys(reader, clock);
    const [one, same] = await Promise.all([keys.once('k', record), keys.once('k', record)]);
    expect([one.replayed, same.replayed, same.use]).toEqual([false, true, one.use]);
    clock.advance(DAY_MS - 1);
    expect((await keys.once('k', record)).use).toBe(one.use);
    expect(await keys.remembered('k')).toBe(one.use);
    clock.advance(1);
    expect(await keys.remembered('k')).toBeNull();
    const next = await Promise.all([1, 2, 3].map(() => keys.once('k', record)));
    expect(new Set(next.map(({ use }) => use.useId)).size).toBe(1);
    expect(next[0]?.use).not.toEqual(one.use);
    expect(next.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  it('takes what the read model holds for as old as it is', async () => {
    const known = newUse();
    reader.uses.set('held', known);
    expect(await new FreeUseKeys(reader, clock).once('held', record)).toEqual({ use: known, replayed: true });
    clock.advance(DAY_MS);
    const { use, replayed } = await new FreeUseKeys(reader, clock).once('held', record);
    expect([use === known, replayed]).toEqual([false, false]);
  });

  it('knows no age of a use that does not tell it', () => {
    expect(isForgotten({ useId: '' }, clock.now())).toBe(false);
  });
});
