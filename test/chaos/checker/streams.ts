import type { LogEvent } from './log-event.js';
import type { Violations } from './violations.js';

/**
 * Positions follow one another over the whole log, revisions in each stream, and no event id comes twice. Where positions
 * are places in a file (EventStoreDB) they only grow, and a missing event shows in its stream alone.
 */
export class StreamsCheck {
  private position = 0n;
  private readonly revisions = new Map<string, bigint>();
  private readonly ids = new Set<string>();

  constructor(
    private readonly violations: Violations,
    private readonly positionsCount: boolean,
  ) {}

  /** Events in the order of the log, from its start. */
  take({ id, stream, revision, position, type }: LogEvent): void {
    if (this.positionsCount ? position !== this.position + 1n : position <= this.position) {
      this.violations.add('gap in the log', `after position ${this.position} comes ${position} (${type})`);
    }
    this.position = position;
    const expected = (this.revisions.get(stream) ?? -1n) + 1n;
    if (revision !== expected) {
      this.violations.add('gap in a stream', `${stream}: revision ${expected} was next, and ${revision} came`);
    }
    this.revisions.set(stream, revision);
    if (this.ids.has(id)) this.violations.add('event stored twice', `${type} ${id} again at position ${position}`);
    this.ids.add(id);
  }
}
