import type { EventStoreDBClient } from '@eventstore/db-client';
import { categoryOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { RecordedEvent } from '../event-log.js';
import { encodeEvent } from '../event-text.js';
import { ForeignEvents, type LogImporter, runsOf } from '../move/log-importer.js';
import { type Position, START } from '../position.js';
import { toStore } from './event-codec.js';
import type { EventStoreReader } from './eventstore-reader.js';
import { leftOut } from './left-out.js';
import type { SecurityStream } from './security-stream.js';
import type { StreamAppender } from './stream-appender.js';
import { isReserved, type StreamNames } from './stream-names.js';

export interface EventStoreImporterParts {
  readonly client: EventStoreDBClient;
  readonly names: StreamNames;
  readonly appender: StreamAppender;
  readonly reader: EventStoreReader;
  readonly security: SecurityStream;
}

/** Places of lost events that are made at a time. */
const LEFT_OUT_MAX = 1_000n;

/**
 * Takes events from another log into one in EventStoreDB. Appends follow each other, one for each run of events of one
 * stream: two under way could change places in the server's log.
 */
export class EventStoreImporter implements LogImporter {
  /** Last revision of the usage streams: one for each time that a server was started. */
  private readonly usageTails = new Map<string, bigint>();

  constructor(private readonly parts: EventStoreImporterParts) {}

  async write(events: readonly RecordedEvent[]): Promise<void> {
    for (const run of runsOf(events, () => true)) await this.writeRun(run);
  }

  /** Until a mark speaks of them, the barrier of verification does not know of security events. */
  async finish(security: Position): Promise<void> {
    if (security !== START) await this.parts.security.markUpTo(security);
  }

  /** The log that made this one gives the connection back. */
  async close(): Promise<void> {}

  private async writeRun(run: readonly RecordedEvent[]): Promise<void> {
    const { stream, revision } = run[0] as RecordedEvent;
    assert(!isReserved(stream), `stream ${stream} is the adapter's own`);
    const isUsage = categoryOf(stream) === 'usage';
    const beginsLate = isUsage && (await this.leaveOut(run[0] as RecordedEvent));
    const events = run.map((event) => toStore(encodeEvent(event), event.recordedAt));
    const outcome = await this.parts.appender.append(stream, revision - 1n, events);
    if (!outcome.stored) {
      throw new ForeignEvents(`Stream ${stream} of the target does not end before number ${revision}.`);
    }
    if (isUsage) this.usageTails.set(stream, outcome.revision);
    if (beginsLate) await this.truncate(stream, revision);
  }

  /** Fills the places up to an event that were dropped by age where it comes from. True when the stream begins with them. */
  private async leaveOut({ stream, revision, recordedAt }: RecordedEvent): Promise<boolean> {
    const tail = this.usageTails.get(stream) ?? (await this.parts.reader.tailOf(stream));
    for (let base = tail; base < revision - 1n;) {
      const to = base + LEFT_OUT_MAX < revision - 1n ? base + LEFT_OUT_MAX : revision - 1n;
      const events = leftOut(stream, { from: base + 1n, to }, recordedAt);
      const outcome = await this.parts.appender.append(stream, base, events);
      if (!outcome.stored) throw new ForeignEvents(`Stream ${stream} of the target does not end after number ${base}.`);
      base = to;
    }
    return tail === -1n && revision > 0n;
  }

  /** The server's next scavenge gives the space of the empty places back; readers of the stream skip them at once. */
  private async truncate(stream: string, revision: bigint): Promise<void> {
    const name = this.parts.names.onServer(stream);
    const { metadata } = await this.parts.client.getStreamMetadata(name);
    await this.parts.client.setStreamMetadata(name, { ...metadata, truncateBefore: Number(revision) });
  }
}
