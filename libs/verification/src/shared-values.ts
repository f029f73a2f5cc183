/** So many different values are worth sharing; of more than that each is written where it is used. */
const SHARED_MAX = 262_144;

/**
 * Values that many tokens have in common (scopes, owners, who made them), each kept once and named by a number.
 * They are JSON, and what is handed out is frozen, because many hold it.
 */
export class SharedValues {
  private readonly ids = new Map<string, number>();
  private readonly values: unknown[] = [];

  /** The values as they were written, in the order of their numbers. */
  static from(texts: Iterable<string>): SharedValues {
    const shared = new SharedValues();
    for (const text of texts) shared.add(text);
    return shared;
  }

  /** Number of the value with this text, new or known; null when there is no room for another one. */
  idOf(text: string): number | null {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    return this.ids.size < SHARED_MAX ? this.add(text) : null;
  }

  /** The value of a number that `idOf` gave. */
  valueOf(id: number): unknown {
    return this.values[id];
  }

  get texts(): string[] {
    return [...this.ids.keys()];
  }

  private add(text: string): number {
    this.ids.set(text, this.values.length);
    return this.values.push(frozen(JSON.parse(text))) - 1;
  }
}

/** The value, which nobody can change any more, nor any part of it. */
export function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
