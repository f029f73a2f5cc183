import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  type IdempotencyClaim,
  type IdempotencyStore,
  KEPT_MS,
  type StoredAnswer,
} from '../idempotency/idempotency-store.js';

const AT_MS = Date.parse('2026-03-01T10:00:00.123Z');
const ANSWER: StoredAnswer = {
  status: 201,
  headers: { 'ledger-position': '42' },
  body: { uid: 'chg_1', note: 'ü "quoted" \n', list: [1, null, true] },
};

let keys = 0;

/** A claim of a key that no other claim of the run has. */
function newClaim(overrides: Partial<IdempotencyClaim> = {}): IdempotencyClaim {
  keys += 1;
  return {
    caller: 'user:usr_1',
    keyHash: `hash-${keys}`,
    fingerprint: 'f'.repeat(64),
    seed: `seed-${keys}`,
    atMs: AT_MS,
    money: false,
    ...overrides,
  };
}

/** What every store of idempotency keys guarantees. `create` gives a store that nobody else purges. */
export function idempotencyStoreContract(create: () => Promise<IdempotencyStore>): void {
  let store: IdempotencyStore;
  beforeEach(async () => {
    store = await create();
  });

  describe('claims', () => {
    it('gives a new key to whoever asks first, and tells later ones what it was claimed with', async () => {
      const claim = newClaim();
      expect(await store.claim(claim)).toEqual({ kind: 'claimed' });
      const other = { ...claim, fingerprint: 'other', seed: 'other', atMs: AT_MS + 5 };
      const { fingerprint, seed, atMs } = claim;
      expect(await store.claim(other)).toEqual({ kind: 'pending', fingerprint, seed, atMs });
    });

    it('gives a key to exactly one of many that ask at once', async () => {
      const claim = newClaim();
      const asked = Array.from({ length: 20 }, (_, index) => store.claim({ ...claim, seed: `seed-of-${index}` }));
      const results = await Promise.all(asked);
      expect(results.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      const seeds = new Set(results.flatMap((result) => (result.kind === 'pending' ? [result.seed] : [])));
      expect(seeds.size).toBe(1);
    });

    it('keeps the keys of different callers apart', async () => {
      const claim = newClaim();
      await store.claim(claim);
      expect(await store.claim({ ...claim, caller: 'user:usr_2' })).toEqual({ kind: 'claimed' });
    });
  });

  describe('answers', () => {
    it('gives the answer again exactly as it was kept', async () => {
      const claim = newClaim();
      await store.claim(claim);
      await store.keepAnswer(claim.caller, claim.keyHash, ANSWER);
      const { fingerprint } = claim;
      expect(await store.claim(claim)).toEqual({ kind: 'answered', fingerprint, answer: ANSWER });
    });

    it('tells an answer without a body from one whose body is null', async () => {
      for (const body of [undefined, null]) {
        const claim = newClaim();
        await store.claim(claim);
        await store.keepAnswer(claim.caller, claim.keyHash, { status: 204, headers: {}, body });
        expect(await store.claim(claim)).toMatchObject({ answer: { status: 204, headers: {}, body } });
      }
    });

    it('never replaces an answer', async () => {
      const claim = newClaim();
      await store.claim(claim);
      await store.keepAnswer(claim.caller, claim.keyHash, ANSWER);
      await store.keepAnswer(claim.caller, claim.keyHash, { ...ANSWER, status: 200 });
      expect(await store.claim(claim)).toMatchObject({ answer: { status: 201 } });
    });

    it('keeps no answer for a key that nobody claimed', async () => {
      const claim = newClaim();
      await store.keepAnswer(claim.caller, claim.keyHash, ANSWER);
      expect(await store.claim(claim)).toEqual({ kind: 'claimed' });
    });
  });

  describe('release', () => {
    it('makes a claimed key free again', async () => {
      const claim = newClaim();
      await store.claim(claim);
      await store.release(claim.caller, claim.keyHash);
      expect(await store.claim({ ...claim, fingerprint: 'other' })).toEqual({ kind: 'claimed' });
    });

    it('leaves a key alone that has its answer', async () => {
      const claim = newClaim();
      await store.claim(claim);
      await store.keepAnswer(claim.caller, claim.keyHash, ANSWER);
      await store.release(claim.caller, claim.keyHash);
      expect(await store.claim(claim)).toMatchObject({ kind: 'answered' });
    });
  });

  describe('age', () => {
    const later = (claim: IdempotencyClaim, byMs: number) => ({ ...claim, fingerprint: 'other', atMs: AT_MS + byMs });
    const answeredClaim = async (overrides: Partial<IdempotencyClaim> = {}): Promise<IdempotencyClaim> => {
      const claim = newClaim(overrides);
      await store.claim(claim);
      await store.keepAnswer(claim.caller, claim.keyHash, ANSWER);
      return claim;
    };

    it('makes a key new that moved no money, whether it was purged or not', async () => {
      const claim = await answeredClaim();
      expect(await store.claim(later(claim, KEPT_MS))).toMatchObject({ kind: 'answered' });
      const again = later(claim, KEPT_MS + 1);
      expect(await store.claim(again)).toEqual({ kind: 'claimed' });
      const { fingerprint, seed, atMs } = again;
      expect(await store.claim(again)).toEqual({ kind: 'pending', fingerprint, seed, atMs });
    });

    it('gives a key that has become new to exactly one of many that ask at once', async () => {
      const claim = await answeredClaim();
      const asked = Array.from({ length: 20 }, () => store.claim(later(claim, KEPT_MS + 1)));
      expect((await Promise.all(asked)).filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    });

    it('keeps a key for ever that moved money', async () => {
      const claim = await answeredClaim({ money: true });
      expect(await store.claim(later(claim, 1_000 * KEPT_MS))).toMatchObject({ kind: 'answered' });
    });
  });

  it('purges old keys, answered or not, never one that moved money', async () => {
    const old = newClaim({ atMs: AT_MS - 1 });
    const answered = newClaim({ atMs: AT_MS - 1 });
    const money = newClaim({ atMs: AT_MS - 1, money: true });
    const young = newClaim({ atMs: AT_MS });
    for (const claim of [old, answered, money, young]) await store.claim(claim);
    await store.keepAnswer(answered.caller, answered.keyHash, ANSWER);
    expect(await store.purge(AT_MS)).toBe(2);
    expect(await store.purge(AT_MS)).toBe(0);
    for (const gone of [old, answered]) expect(await store.claim(gone)).toEqual({ kind: 'claimed' });
    for (const kept of [money, young]) expect(await store.claim(kept)).toMatchObject({ kind: 'pending' });
  });
}
