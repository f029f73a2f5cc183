import { type Position, START } from '../position.js';

/** At first one position is kept for so many bytes of the server's log: some dozens of events. */
const FIRST_SPACING = 65_536n;
const KEPT_MAX = 16_384;

/**
 * Some positions at which events stand, by and large evenly spread over what was read and written. EventStoreDB reads on
 * only from such a position: it takes the bytes elsewhere for a record, and fails.
 */
export class KnownPositions {
  private spacing = FIRST_SPACING;
  private positions: Position[] = [];

  constructor(private readonly keptMax = KEPT_MAX) {}

  /** Tells of an event. */
  note(position: Position): void {
    const index = this.after(position);
    const [before, next] = [this.positions[index - 1], this.positions[index]];
    if (before !== undefined && position - before < this.spacing) return;
    if (next !== undefined && next - position < this.spacing) return;
    this.positions.splice(index, 0, position);
    if (this.positions.length > this.keptMax) this.thin();
  }

  /** The last known one at or before `position`; START when there is none. */
  floor(position: Position): Position {
    return this.positions[this.after(position) - 1] ?? START;
  }

  /** Index of the first known position after `position`. */
  private after(position: Position): number {
    let [low, high] = [0, this.positions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.positions[middle] as Position) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private thin(): void {
    this.spacing *= 2n;
    const kept: Position[] = [];
    for (const position of this.positions) {
      const last = kept.at(-1);
      if (last === undefined || position - last >= this.spacing) kept.push(position);
    }
    this.positions = kept;
  }
}
