import { setTimeout as delay } from 'node:timers/promises';
import { LogUnavailable } from '../event-log.js';
import type { Position } from '../position.js';
import type { AppendChannel } from './append-channel.js';
import type { BatchOutcome, StreamBatch } from './batch-append.js';
import type { EventToStore } from './event-codec.js';
import { mayPass } from './failure.js';
import type { EventStoreReader } from './eventstore-reader.js';
import type { StreamNames } from './stream-names.js';

export interface StreamAppenderOptions {
  readonly channel: AppendChannel;
  readonly reader: EventStoreReader;
  readonly names: StreamNames;
  /** How long an append with unknown outcome is sent again. */
  readonly retryForMs: number;
  /** Called when an append has succeeded that was sent at this time, monotonic, in milliseconds. */
  readonly onMajority: (sentAt: number) => void;
}

/** Whether the events of one append stand in its stream by now. */
export type AppendOutcome =
  { readonly stored: true; readonly revision: bigint; readonly position: Position } | { readonly stored: false };

/** The server refuses more than 1 MiB in one append; what it adds to each event counts. */
const SIZE_MAX = 900_000;
const EVENT_OVERHEAD = 512;
/** What the server says where it has no position: -1, read as a number without a sign. */
const NO_POSITION = 1n << 63n;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Appends to one stream, always under an explicit revision: the server then takes the same events sent again for the
 * same append, for ever and across a change of leader. Under `any` it does not.
 */
export class StreamAppender {
  constructor(private readonly options: StreamAppenderOptions) {}

  /**
   * Stores the events after revision `base` (-1n: in a stream that holds nothing), in parts below the server's limit.
   * While the outcome of a call is unknown the same is sent again. Not stored: other events stand after `base`.
   * Throws LogUnavailable.
   */
  async append(stream: string, base: bigint, events: readonly EventToStore[]): Promise<AppendOutcome> {
    let outcome: AppendOutcome = { stored: false };
    let revision = base;
    for (const part of partsOf(events)) {
      outcome = await this.appendPart({ stream, base: revision, events: part });
      if (!outcome.stored) return outcome;
      revision = outcome.revision;
    }
    return outcome;
  }

  private async appendPart(batch: StreamBatch): Promise<AppendOutcome> {
    const { channel, names } = this.options;
    const sent = { ...batch, stream: names.onServer(batch.stream) };
    const startedAt = performance.now();
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS; ; tries += 1, pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const sentAt = performance.now();
      try {
        const outcome = await channel.append(sent);
        if (outcome.stored) this.options.onMajority(sentAt);
        return await this.confirmed(batch, outcome, tries > 1);
      } catch (error) {
        if (error instanceof LogUnavailable) throw error;
        const isOver = performance.now() - startedAt >= this.options.retryForMs;
        if (isOver || !mayPass(error)) throw new LogUnavailable('the event log cannot be written', { cause: error });
      }
      await delay(pauseMs);
    }
  }

  /** A repeated append is answered without its place, or as a conflict where only a part of it is recognised. */
  private async confirmed(batch: StreamBatch, outcome: BatchOutcome, isRepeated: boolean): Promise<AppendOutcome> {
    if (outcome.stored && outcome.position !== null && outcome.position < NO_POSITION && !isRepeated) {
      return { stored: true, revision: outcome.revision, position: outcome.position };
    }
    if (!outcome.stored && !isRepeated) return { stored: false };
    const { stream, base, events } = batch;
    const standing = await this.options.reader.readRaw(stream, base + 1n, events.length);
    const isStanding = standing.length === events.length && standing.every(({ id }, index) => id === events[index]?.id);
    const last = standing.at(-1);
    if (!isStanding || last === undefined) return { stored: false };
    return { stored: true, revision: last.revision, position: last.position };
  }
}

function partsOf(events: readonly EventToStore[]): EventToStore[][] {
  const parts: EventToStore[][] = [];
  let size = Infinity;
  for (const event of events) {
    const added = Buffer.byteLength(event.data) + Buffer.byteLength(event.metadata) + EVENT_OVERHEAD;
    if (size + added > SIZE_MAX) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(event);
    size += added;
  }
  return parts;
}
