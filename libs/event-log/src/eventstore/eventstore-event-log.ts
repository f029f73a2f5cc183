import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { categoryOf } from '#libs/contracts';
import { assert, type Clock, toInstant } from '#libs/kernel';
import { AppendActivity } from '../append-activity.js';
import { checkRequest } from '../append-check.js';
import {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  EventLog,
  type LogHeads,
  MAX_WAITING_REQUESTS,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '../event-log.js';
import { laterPosition, type Position } from '../position.js';
import { AppendFlusher } from './append-flusher.js';
import { AppendChannel } from './append-channel.js';
import type { StreamBatch } from './batch-append.js';
import { EventStoreHeadWatch } from './head-watch.js';
import { EventStoreImporter, type EventStoreImporterParts } from './eventstore-importer.js';
import { EventStoreReader } from './eventstore-reader.js';
import { isLeftOut } from './left-out.js';
import { QuorumLease } from './quorum-lease.js';
import { SecurityStream } from './security-stream.js';
import { ServerCalls } from './server-calls.js';
import { shareClient, type SharedClient } from './shared-client.js';
import { StreamAppender } from './stream-appender.js';
import { isReserved, StreamNames } from './stream-names.js';
import { UsageRetention } from './usage-retention.js';

export interface EventStoreEventLogOptions {
  /** `esdb://…`, of one node or of a cluster. */
  readonly connectionString: string;
  /** Gives the instants at which appends are recorded. */
  readonly clock: Clock;
  /** Begins the names of all streams, where several ledgers share a cluster: `acme.`; default empty. */
  readonly prefix?: string;
  /** How long a leader is believed after the cluster's majority was last heard of; default LEASE_MS. */
  readonly leaseMs?: number;
  /** How long an append whose outcome is unknown is tried again; default 10,000, longer than a change of leader. */
  readonly retryForMs?: number;
  /** Longest time for the answer to one call; default 5,000. */
  readonly answerWithinMs?: number;
  /** Requests that may wait; default MAX_WAITING_REQUESTS. */
  readonly maxWaiting?: number;
  /** Counts what appends come to, for metrics. */
  readonly activity?: AppendActivity;
}

/** Bytes of the server's log between two events of the ledger, with what this adapter writes for itself. */
const BYTES_PER_EVENT = 1_024;

/** Across a change of leader a revocation takes effect on every node at most so much later. */
export const LEASE_MS = 1_000;

/**
 * The event log in EventStoreDB 23.10, or a server that speaks its protocol. Streams of the ledger are streams of the
 * server, positions are the server's, and the streams `security` and `retention` are this adapter's own.
 *
 * Of a flush, the position that an append is answered with is that of the last event which the flush added to the
 * streams of the request: at or after the request's own last event.
 */
export class EventStoreEventLog extends EventLog {
  private readonly shared: SharedClient;
  private readonly channel: AppendChannel;
  private readonly reader: EventStoreReader;
  private readonly security: SecurityStream;
  private readonly retention: UsageRetention;
  private readonly watch: EventStoreHeadWatch;
  private readonly flusher: AppendFlusher;
  private readonly parts: EventStoreImporterParts;
  private closing: Promise<void> | null = null;

  private constructor(options: EventStoreEventLogOptions) {
    super();
    this.shared = shareClient(options.connectionString);
    const client: EventStoreDBClient = this.shared.client;
    const answerWithinMs = options.answerWithinMs ?? 5_000;
    const calls = new ServerCalls(client);
    this.channel = new AppendChannel(calls, answerWithinMs);
    const names = new StreamNames(options.prefix ?? '');
    this.retention = new UsageRetention(client, names, () => ({ reader: this.reader, appender }));
    const isDropped = (event: RecordedEvent) => isLeftOut(event) || this.retention.isDropped(event);
    this.reader = new EventStoreReader({ calls, names, answerWithinMs, isDropped, bytesPerEvent: BYTES_PER_EVENT });
    const retryForMs = options.retryForMs ?? 10_000;
    const onMajority = (sentAt: number) => lease.noticeMajority(sentAt);
    const appender = new StreamAppender({
      channel: this.channel,
      names,
      reader: this.reader,
      retryForMs,
      onMajority,
    });
    const leaseMs = options.leaseMs ?? LEASE_MS;
    const lease = new QuorumLease({
      leaseMs,
      append: (stream, base, events) => appender.append(stream, base, events),
      keepLast: (stream) => this.channel.append(keepingLast(names.onServer(stream))),
    });
    this.security = new SecurityStream(this.reader, appender, lease);
    this.parts = { client, names, appender, reader: this.reader, security: this.security };
    this.watch = new EventStoreHeadWatch(calls, this.reader, names);
    this.flusher = new AppendFlusher({
      appender,
      reader: this.reader,
      security: this.security,
      maxWaiting: options.maxWaiting ?? MAX_WAITING_REQUESTS,
      activity: options.activity ?? new AppendActivity(),
      recordedAt: () => toInstant(options.clock.now()),
      onStored: (position) => {
        this.reader.noteStored(position);
        this.watch.advance(position);
      },
    });
  }

  /** Opens the log. Throws LogUnavailable when it cannot be reached, Error for a string that is none of EventStoreDB. */
  static async open(options: EventStoreEventLogOptions): Promise<EventStoreEventLog> {
    const log = new EventStoreEventLog(options);
    try {
      await log.retention.refresh();
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  /** For moving a log here. It works as long as this log is open. */
  importer(): EventStoreImporter {
    return new EventStoreImporter(this.parts);
  }

  override get mayPartRequests(): boolean {
    return true;
  }

  override get positionsPerEvent(): number {
    return BYTES_PER_EVENT;
  }

  override async append(request: AppendRequest): Promise<AppendResult> {
    checkRequest(request);
    for (const { stream } of request.streams) assert(!isReserved(stream), `stream ${stream} is the adapter's own`);
    return this.flusher.add(request);
  }

  /** What decides about tokens is shown only when the barrier of every node shows it too. */
  override async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    const events = await this.reader.readStream(stream, options);
    const last = events.at(-1);
    if (last && categoryOf(stream) === 'security') await this.security.marked(last.position);
    return events;
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    await this.retention.refresh();
    const isForSecurity = options.categories?.every((category) => category === 'security') ?? false;
    const after = isForSecurity ? this.security.quiet.skip(options.after) : options.after;
    return this.reader.readAll({ ...options, after });
  }

  override async readRanges(ranges: readonly PositionRange[]): Promise<RecordedEvent[]> {
    await this.retention.refresh();
    const events = await Promise.all(ranges.map((range) => this.reader.readRange(range)));
    return events.flat();
  }

  override async heads(): Promise<LogHeads> {
    // The marks first: what they speak of lies before the head that is read after them.
    const security = await this.security.position();
    const all = await this.reader.head();
    return { all: laterPosition(all, security), security };
  }

  override securityHead(): Promise<Position> {
    return this.security.position();
  }

  override waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.watch.wait(position, timeoutMs, signal);
  }

  override dropUsageBefore(instant: string): Promise<Position> {
    return this.retention.dropBefore(instant);
  }

  override close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    await this.flusher.close();
    await this.watch.close();
    this.channel.close();
    await this.shared.release();
  }
}

function keepingLast(onServer: string): StreamBatch {
  const metadata = { id: randomUUID(), type: '$metadata', data: '{"$maxCount":1}', metadata: '{}' };
  return { stream: `$$${onServer}`, base: -1n, events: [metadata] };
}
