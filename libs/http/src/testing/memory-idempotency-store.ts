import {
  type ClaimResult,
  type IdempotencyClaim,
  IdempotencyStore,
  KEPT_MS,
  type StoredAnswer,
} from '../idempotency/idempotency-store.js';

interface Entry {
  readonly claim: IdempotencyClaim;
  answer: StoredAnswer | null;
}

/** Idempotency keys in the memory of this process, for tests. */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly entries = new Map<string, Entry>();
  /** How often a key was claimed, whatever came of it. */
  claims = 0;

  async claim(claim: IdempotencyClaim): Promise<ClaimResult> {
    this.claims += 1;
    const entry = this.entries.get(nameOf(claim.caller, claim.keyHash));
    if (entry === undefined || (!entry.claim.money && entry.claim.atMs < claim.atMs - KEPT_MS)) {
      this.entries.set(nameOf(claim.caller, claim.keyHash), { claim, answer: null });
      return { kind: 'claimed' };
    }
    const { fingerprint, seed, atMs } = entry.claim;
    if (entry.answer === null) return { kind: 'pending', fingerprint, seed, atMs };
    return { kind: 'answered', fingerprint, answer: structuredClone(entry.answer) };
  }

  async keepAnswer(caller: string, keyHash: string, answer: StoredAnswer): Promise<void> {
    const entry = this.entries.get(nameOf(caller, keyHash));
    if (entry !== undefined) entry.answer ??= structuredClone(answer);
  }

  async release(caller: string, keyHash: string): Promise<void> {
    const name = nameOf(caller, keyHash);
    if (this.entries.get(name)?.answer === null) this.entries.delete(name);
  }

  async purge(beforeMs: number): Promise<number> {
    const old = [...this.entries].filter(([, { claim }]) => !claim.money && claim.atMs < beforeMs);
    for (const [name] of old) this.entries.delete(name);
    return old.length;
  }
}

function nameOf(caller: string, keyHash: string): string {
  return `${caller}\u0000${keyHash}`;
}
