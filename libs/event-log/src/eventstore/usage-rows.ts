import type { WaitingAppend } from '../waiting-request.js';
import type { RoundRequest, RoundRow } from './append-round.js';

/**
 * The rows of usage streams as they are really written: without the requests whose other stream was overtaken while it
 * was written, so that a usage stream has no hole and nothing of what failed.
 */
export class UsageRows {
  private readonly kept = new Map<RoundRow, RoundRow>();

  get rows(): RoundRow[] {
    return [...this.kept.values()].filter(({ count }) => count > 0);
  }

  /** Puts a request into the rows; null when it builds on one that is not in them. */
  place(request: RoundRequest): RoundRequest | null {
    const parts = request.places.map(({ row, end }, index) => {
      const append = request.waiting.appends[index] as WaitingAppend;
      return { append, place: { row: row.isWriters ? this.rowFor(row) : row, end }, isUsage: row.isWriters };
    });
    const usage = parts.filter(({ isUsage }) => isUsage);
    if (!usage.every(({ append, place }) => fits(append, place.row))) return null;
    for (const { append, place } of usage) {
      place.row.texts.push(append.text);
      place.row.count += append.ids.length;
      place.end = place.row.count;
    }
    return { waiting: request.waiting, places: parts.map(({ place }) => place) };
  }

  private rowFor(row: RoundRow): RoundRow {
    const kept = this.kept.get(row) ?? { ...row, texts: [], count: 0 };
    this.kept.set(row, kept);
    return kept;
  }
}

function fits({ expected }: WaitingAppend, { base, count }: RoundRow): boolean {
  const tail = base + BigInt(count);
  if (expected === 'noStream') return tail === -1n;
  if (expected === 'exists') return tail >= 0n;
  return typeof expected !== 'bigint' || tail === expected;
}
