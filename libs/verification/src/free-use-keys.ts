import { type Clock, DAY_MS, timeOfUid } from '#libs/kernel';

/** What is remembered of a keyed use. */
export interface KeyedUse {
  /** It carries the instant of the use. */
  readonly useId: string;
  readonly fingerprint: string;
}

/** Looks up keyed free uses that the read model holds. */
export abstract class FreeUseKeyReader {
  abstract find(keyHash: string): Promise<KeyedUse | null>;
}

/** How long the key of a free use is its key; afterwards it is as good as new. Those that moved money are kept for ever. */
const KEPT_MS = DAY_MS;

/** True when a use at an instant (ms since 1970) is a new one, although this one was recorded under its key before. */
export function isForgotten({ useId }: Pick<KeyedUse, 'useId'>, atMs: number): boolean {
  return atMs - timeOfUid(useId) >= KEPT_MS;
}

/** Far more than the read model lags behind; the oldest go first. */
const REMEMBERED_MAX = 100_000;

/**
 * Idempotency keys of free uses. Charged uses are remembered by their account's stream; a free use appends nothing
 * there, so its key is remembered by this node until the read model holds it, and asked of the read model afterwards.
 */
export class FreeUseKeys {
  private readonly recent = new Map<string, Promise<KeyedUse>>();

  constructor(
    private readonly reader: FreeUseKeyReader,
    private readonly clock: Clock,
  ) {}

  /** The use of this key: the one that was recorded before, or what `record` records now. Callers at once share one. */
  async once(keyHash: string, record: () => Promise<KeyedUse>): Promise<{ use: KeyedUse; replayed: boolean }> {
    const known = this.recent.get(keyHash);
    if (known !== undefined) {
      const earlier = await known;
      if (!isForgotten(earlier, this.clock.now())) return { use: earlier, replayed: true };
      // Whoever finds this first records the new use, which the others share.
      if (this.recent.get(keyHash) === known) this.recent.delete(keyHash);
      return this.once(keyHash, record);
    }
    let replayed = false;
    const use = this.reader.find(keyHash).then((found) => {
      if (found === null || isForgotten(found, this.clock.now())) return record();
      replayed = true;
      return found;
    });
    this.recent.set(keyHash, use);
    if (this.recent.size > REMEMBERED_MAX) this.forgetOldest();
    try {
      return { use: await use, replayed };
    } catch (error) {
      this.recent.delete(keyHash);
      throw error;
    }
  }

  /** The use of this key that this node remembers, perhaps under way still; null when it does not, at no cost. */
  remembered(keyHash: string): Promise<KeyedUse | null> | null {
    const kept = (use: KeyedUse): KeyedUse | null => (isForgotten(use, this.clock.now()) ? null : use);
    return this.recent.get(keyHash)?.then(kept, () => null) ?? null;
  }

  private forgetOldest(): void {
    const oldest = this.recent.keys().next();
    if (!oldest.done) this.recent.delete(oldest.value);
  }
}
