/** What is remembered of a keyed use. */
export interface KeyedUse {
  readonly useId: string;
  readonly fingerprint: string;
}

/** Looks up keyed free uses that the read model holds. */
export abstract class FreeUseKeyReader {
  abstract find(keyHash: string): Promise<KeyedUse | null>;
}

/** Far more than the read model lags behind; the oldest go first. */
const REMEMBERED_MAX = 100_000;

/**
 * Idempotency keys of free uses. Charged uses are remembered by their account's stream; a free use appends nothing
 * there, so its key is remembered by this node until the read model holds it, and asked of the read model afterwards.
 */
export class FreeUseKeys {
  private readonly recent = new Map<string, Promise<KeyedUse>>();

  constructor(private readonly reader: FreeUseKeyReader) {}

  /** The use of this key: the one that was recorded before, or what `record` records now. Callers at once share one. */
  async once(keyHash: string, record: () => Promise<KeyedUse>): Promise<{ use: KeyedUse; replayed: boolean }> {
    const known = this.recent.get(keyHash);
    if (known !== undefined) return { use: await known, replayed: true };
    let replayed = false;
    const use = this.reader.find(keyHash).then((found) => {
      replayed = found !== null;
      return found ?? record();
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
    return this.recent.get(keyHash)?.catch(() => null) ?? null;
  }

  private forgetOldest(): void {
    const oldest = this.recent.keys().next();
    if (!oldest.done) this.recent.delete(oldest.value);
  }
}
