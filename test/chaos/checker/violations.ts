/** What a ledger must never do. */
export type ViolationKind =
  | 'lost acknowledgement'
  | 'recorded twice'
  | 'refused and recorded'
  | 'two answers'
  | 'late acceptance'
  | 'unknown after creation'
  | 'gap in a stream'
  | 'gap in the log'
  | 'event stored twice'
  | 'gap in the charge numbers'
  | 'wrong balance'
  | 'balance below its limit'
  | 'charge without use'
  | 'use without charge'
  | 'charged twice'
  | 'feed differs from the log'
  | 'audit log differs from the log'
  | 'read model differs from the log'
  | 'fact recorded twice'
  | 'did not recover'
  | 'taken over too late'
  | 'job not done once';

export interface Violation {
  readonly kind: ViolationKind;
  readonly detail: string;
}

/** Of each kind so many are kept with their details; further ones are counted. */
const KEPT = 20;

/** Takes violations as they are found: a broken run may hold millions of the same. */
export class Violations {
  private readonly found = new Map<ViolationKind, { kept: string[]; count: number }>();

  add(kind: ViolationKind, detail: string): void {
    const entry = this.found.get(kind) ?? { kept: [], count: 0 };
    this.found.set(kind, entry);
    entry.count += 1;
    if (entry.kept.length < KEPT) entry.kept.push(detail);
  }

  list(): Violation[] {
    return [...this.found].flatMap(([kind, { kept, count }]) => {
      const rest = count > kept.length ? [{ kind, detail: `and ${count - kept.length} more` }] : [];
      return [...kept.map((detail) => ({ kind, detail })), ...rest];
    });
  }
}
