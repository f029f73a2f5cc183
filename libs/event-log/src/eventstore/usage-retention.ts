import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { categoryOf } from '#libs/contracts';
import type { RecordedEvent } from '../event-log.js';
import { laterPosition, type Position, START } from '../position.js';
import { contentOf } from './event-codec.js';
import { RETENTION_STREAM, type StreamNames } from './stream-names.js';
import type { EventStoreReader } from './eventstore-reader.js';
import type { StreamAppender } from './stream-appender.js';

/** The last drop: usage that was recorded before an instant and lies up to a position is gone. */
interface Drop {
  readonly before: string;
  readonly position: Position;
  /** Where the next search begins: before the first usage event that was left. */
  readonly resumeAt: Position;
}

interface StoredDrop {
  readonly before: string;
  readonly position: string;
  readonly resumeAt: string;
}

interface Found {
  position: Position;
  resumeAt: Position | null;
  /** First revision of each stream that stays, and its last one. */
  readonly streams: Map<string, { truncateBefore: bigint; last: bigint; isWhole: boolean }>;
}

const NOTHING: Drop = { before: '', position: START, resumeAt: START };
const PAGE = 2_000;
/** Younger usage in a row after which no older one is looked for: clocks of nodes differ, but not by so much. */
const YOUNGER_IN_A_ROW = 10_000;
/** How old the knowledge of another process's drop may be; until then a reader sees what is gone already. */
const REFRESH_MS = 10_000;

/**
 * Drops usage by age. Readers leave out what was dropped from the moment on that the drop is written down; the server is
 * told where each stream begins (`$tb`), so that its next scavenge gives the space back. `$maxAge` would go by the
 * server's clock, and before the summaries of usage are written.
 */
export class UsageRetention {
  private drop = NOTHING;
  private revision = -1n;
  private readAt = -Infinity;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly names: StreamNames,
    private readonly parts: () => { reader: EventStoreReader; appender: StreamAppender },
  ) {}

  isDropped({ stream, position, recordedAt }: RecordedEvent): boolean {
    return position <= this.drop.position && recordedAt < this.drop.before && categoryOf(stream) === 'usage';
  }

  /** Learns what other processes dropped, if that was not looked up a moment ago. Throws LogUnavailable. */
  async refresh(): Promise<void> {
    if (performance.now() - this.readAt < REFRESH_MS) return;
    await this.read();
  }

  /** See EventLog. */
  async dropBefore(instant: string): Promise<Position> {
    for (;;) {
      await this.read();
      if (instant <= this.drop.before) return this.drop.position;
      const found = await this.search(instant);
      if (found.position <= this.drop.position) return this.drop.position;
      const drop = { before: instant, position: found.position, resumeAt: found.resumeAt ?? found.position };
      if (!(await this.write(drop))) continue;
      await this.truncate(found);
      return drop.position;
    }
  }

  private async read(): Promise<void> {
    const [last] = await this.parts().reader.readBack(RETENTION_STREAM, 1);
    this.readAt = performance.now();
    if (last === undefined) return;
    const { before, position, resumeAt } = contentOf<StoredDrop>(last);
    this.revision = last.revision;
    this.drop = { before, position: BigInt(position) as Position, resumeAt: BigInt(resumeAt) as Position };
  }

  private async search(instant: string): Promise<Found> {
    const found: Found = { position: this.drop.position, resumeAt: null, streams: new Map() };
    let younger = 0;
    let previous = this.drop.resumeAt;
    for (let after = previous; younger < YOUNGER_IN_A_ROW;) {
      const batch = await this.parts().reader.readAll({ after, limit: PAGE, categories: ['usage'] });
      for (const event of batch.events) {
        const isOld = event.recordedAt < instant;
        younger = isOld ? 0 : younger + 1;
        if (isOld) found.position = laterPosition(found.position, event.position);
        else found.resumeAt ??= previous;
        noticeIn(found, event, isOld);
        previous = event.position;
      }
      if (batch.events.length < PAGE) break;
      after = batch.next;
    }
    return found;
  }

  private async write({ before, position, resumeAt }: Drop): Promise<boolean> {
    const data: StoredDrop = { before, position: position.toString(), resumeAt: resumeAt.toString() };
    const event = { id: randomUUID(), type: 'UsageDropped', data: JSON.stringify(data), metadata: '{}' };
    const outcome = await this.parts().appender.append(RETENTION_STREAM, this.revision, [event]);
    if (outcome.stored) await this.read();
    return outcome.stored;
  }

  /** The last event of each stream stays in the server, because without it the stream would forget its revision. */
  private async truncate({ streams }: Found): Promise<void> {
    for (const [stream, { truncateBefore, last }] of streams) {
      const before = truncateBefore < last ? truncateBefore : last;
      if (before <= 0n) continue;
      const name = this.names.onServer(stream);
      const { metadata } = await this.client.getStreamMetadata(name);
      if (Number(metadata?.truncateBefore ?? 0) >= before) continue;
      await this.client.setStreamMetadata(name, { ...metadata, truncateBefore: Number(before) });
    }
  }
}

function noticeIn({ streams }: Found, { stream, revision }: RecordedEvent, isOld: boolean): void {
  const known = streams.get(stream) ?? { truncateBefore: 0n, last: revision, isWhole: true };
  known.last = revision;
  // Only what lies before the first event that stays can be taken from the server's stream.
  if (!isOld) known.isWhole = false;
  else if (known.isWhole) known.truncateBefore = revision + 1n;
  streams.set(stream, known);
}
