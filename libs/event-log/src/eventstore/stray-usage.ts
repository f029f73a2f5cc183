import { LogUnavailable } from '../event-log.js';
import type { RoundRequest, RoundRow } from './append-round.js';
import type { EventToStore } from './event-codec.js';
import type { EventStoreReader } from './eventstore-reader.js';
import type { AppendOutcome, StreamAppender } from './stream-appender.js';

export type StoredRow = Extract<AppendOutcome, { stored: true }>;

/** Usage whose stream somebody else has written to, and that has to be stored all the same. */
export interface StrayUsage {
  readonly row: RoundRow;
  readonly requests: readonly RoundRequest[];
}

const PAGE = 1_000;
const TRIES = 24;

/** The usage of requests whose other stream is written, where that of the usage was overtaken. */
export function strayUsage(requests: readonly RoundRequest[], stored: ReadonlyMap<RoundRow, StoredRow>): StrayUsage[] {
  const strays = new Map<RoundRow, RoundRequest[]>();
  for (const request of requests) {
    const row = request.places.find((place) => place.row.isWriters)?.row;
    const isHalf = row !== undefined && !stored.has(row) && request.places.some((place) => !place.row.isWriters);
    if (isHalf) strays.set(row, [...(strays.get(row) ?? []), request]);
  }
  return [...strays].map(([row, ofRow]) => ({ row, requests: ofRow }));
}

/**
 * Stores events behind whatever stands after `base` by now, without those that stand there: whoever took their process
 * for dead has written them, under the same ids. Throws LogUnavailable.
 */
export async function storeBehind(
  { reader, appender }: { readonly reader: Pick<EventStoreReader, 'readRaw'>; readonly appender: StreamAppender },
  { stream, base }: Pick<RoundRow, 'stream' | 'base'>,
  events: readonly EventToStore[],
): Promise<StoredRow> {
  let missing = events;
  let last: StoredRow = { stored: true, revision: base, position: 0n as StoredRow['position'] };
  for (let tries = 1; tries <= TRIES; tries += 1) {
    for (;;) {
      const page = await reader.readRaw(stream, last.revision + 1n, PAGE);
      const standing = new Set(page.map(({ id }) => id));
      missing = missing.filter(({ id }) => !standing.has(id));
      const end = page.at(-1);
      if (end) last = { stored: true, revision: end.revision, position: end.position };
      if (page.length < PAGE) break;
    }
    if (missing.length === 0) return last;
    const outcome = await appender.append(stream, last.revision, missing);
    if (outcome.stored) return outcome;
  }
  throw new LogUnavailable(`others write to ${stream} all the time`);
}
