import { categoryOf } from '#libs/contracts';
import type { AppendActivity } from '../append-activity.js';
import { AppendIntake, FLUSH_LIMITS } from '../append-intake.js';
import { type AppendRequest, type AppendResult, LogUnavailable } from '../event-log.js';
import { settleFlush, type StandingEvents, withoutMoved } from '../flush-settlement.js';
import { laterPosition, type Position, START } from '../position.js';
import type { WaitingRequest } from '../waiting-request.js';
import {
  conflictOf,
  planRound,
  type Round,
  type RoundRequest,
  type RoundRow,
  supposedRevisions,
} from './append-round.js';
import { UsageRows } from './usage-rows.js';
import { takeFlush } from './waiting-flush.js';
import { toStore } from './event-codec.js';
import type { EventStoreReader } from './eventstore-reader.js';
import type { IntendedRow, SecurityStream } from './security-stream.js';
import { type StoredRow, storeBehind, strayUsage } from './stray-usage.js';
import type { StreamAppender } from './stream-appender.js';

export interface AppendFlusherOptions {
  readonly appender: StreamAppender;
  readonly reader: StandingEvents & Pick<EventStoreReader, 'readRaw' | 'tailOf'>;
  readonly security: SecurityStream;
  readonly maxWaiting: number;
  readonly activity: AppendActivity;
  /** Gives the instant of a flush, RFC 3339. */
  readonly recordedAt: () => string;
  /** Called with the position of what was stored. */
  readonly onStored: (position: Position) => void;
}

/** An intent is one event, with all that it intends inside. */
const INTENT_SIZE = 400 * 1024;

/**
 * Group commit in EventStoreDB: what a flush adds to one stream is one append.
 *
 * A request to one contended stream, with or without the usage stream of this process, needs nothing else: it either
 * finds the revision that it expects or stores nothing, and its usage follows. All others go through the security
 * stream, which makes them all or nothing.
 */
export class AppendFlusher {
  private readonly intake: AppendIntake;
  private readonly writers = new Map<string, bigint>();
  /** The flush that is under way through the security stream, and the streams that it writes. */
  private locked: Promise<void> | null = null;
  private readonly busy = new Set<string>();
  /** Streams of this log alone to which somebody else has written all the same. */
  private readonly overtaken = new Set<string>();
  private onAdded: () => void = () => undefined;

  constructor(private readonly options: AppendFlusherOptions) {
    const { maxWaiting, activity } = options;
    this.intake = new AppendIntake({ maxWaiting, activity, flush: () => this.flushWaiting() });
  }

  add(request: AppendRequest): Promise<AppendResult> {
    const added = this.intake.add(request);
    this.onAdded();
    return added;
  }

  /** Refuses further requests and waits until those that are waiting are answered. */
  async close(): Promise<void> {
    await this.intake.close();
    await this.locked;
  }

  /**
   * Sends what waits, in two ways beside each other: what goes through the security stream may have to wait there for other
   * processes, and charges do not wait for that.
   */
  private async flushWaiting(): Promise<void> {
    this.locked ??= this.beginLocked();
    const open = this.take(false);
    if (open.length > 0) return this.sendFlush(open);
    // Everything that waits goes through the security stream, or builds on what does.
    await Promise.race([this.locked, new Promise<void>((resolve) => (this.onAdded = resolve))]);
  }

  /** The flush through the security stream, one at a time; null when nothing waits for one. */
  private beginLocked(): Promise<void> | null {
    const requests = this.take(true);
    if (requests.length === 0) return null;
    for (const { appends } of requests) for (const { stream } of appends) this.busy.add(stream);
    return this.sendFlush(requests).finally(() => {
      this.locked = null;
      this.busy.clear();
    });
  }

  private take(isThroughSecurity: boolean): WaitingRequest[] {
    return takeFlush(this.intake.waiting, {
      isWanted: (request) => isLocked(request) === isThroughSecurity,
      busy: this.busy,
      requestsMax: FLUSH_LIMITS.requests,
      sizeMax: isThroughSecurity ? INTENT_SIZE : FLUSH_LIMITS.size,
    });
  }

  private async sendFlush(flush: readonly WaitingRequest[]): Promise<void> {
    const started = performance.now();
    try {
      await this.flush(flush);
      this.options.activity.onFlush({ requests: flush.length, durationMs: performance.now() - started });
    } catch (error) {
      // Their revisions are found out afresh.
      for (const { appends } of flush) for (const { stream } of appends) this.writers.delete(stream);
      this.intake.giveUp(flush, error instanceof LogUnavailable ? error : unwritable(error));
    }
  }

  private async flush(flushed: readonly WaitingRequest[]): Promise<void> {
    const { security } = this.options;
    let pending = await this.withoutMoved(flushed);
    const isLockedFlush = isLocked(pending[0]);
    if (!isLockedFlush) pending = await this.round(pending, await this.supposedTails(pending));
    while (pending.length > 0) {
      const requests = pending;
      pending = isLockedFlush
        ? await security.exclusively(() => this.lockedRound(requests))
        : await this.round(requests, await this.tailsOf(requests));
    }
  }

  /** Answers those that rest on security events which others follow: as read after they were handed in. */
  private async withoutMoved(requests: readonly WaitingRequest[]): Promise<WaitingRequest[]> {
    if (requests.every(({ securityAt }) => securityAt === null)) return [...requests];
    return withoutMoved(requests, await this.options.security.position());
  }

  /** One try for requests to one contended stream each; returns those that have to be looked at again. */
  private async round(
    requests: readonly WaitingRequest[],
    found: ReadonlyMap<string, bigint>,
  ): Promise<WaitingRequest[]> {
    const round = planRound(requests, { found, writers: this.writers });
    await this.settle(round.misfits, found);
    const stored = new Map<RoundRow, StoredRow>();
    await this.storeRows(
      round.rows.filter(({ isWriters }) => !isWriters),
      stored,
    );
    const again: WaitingRequest[] = [];
    const usage = new UsageRows();
    const good: RoundRequest[] = [];
    for (const request of round.requests) {
      const isOvertaken = request.places.some(({ row }) => !row.isWriters && !stored.has(row));
      const placed = isOvertaken ? null : usage.place(request);
      if (placed === null) again.push(request.waiting);
      else good.push(placed);
    }
    await this.storeRows(usage.rows, stored);
    const carried = await this.carryThrough(good, stored);
    for (const request of good) await this.answer(request, carried.get(request) ?? stored);
    return [...again, ...round.deferred];
  }

  /**
   * The usage of requests whose other stream is written by now, where the usage stream was overtaken: theirs is stored
   * behind what came between, because to answer a conflict would have them made again.
   */
  private async carryThrough(
    requests: readonly RoundRequest[],
    stored: ReadonlyMap<RoundRow, StoredRow>,
  ): Promise<ReadonlyMap<RoundRequest, ReadonlyMap<RoundRow, StoredRow>>> {
    const carried = new Map<RoundRequest, ReadonlyMap<RoundRow, StoredRow>>();
    for (const { row, requests: ofRow } of strayUsage(requests, stored)) {
      this.overtaken.add(row.stream);
      const texts = ofRow.flatMap(({ waiting }) => textsFor(waiting, row.stream));
      const outcome = await storeBehind(this.options, row, eventsOf(texts, this.options.recordedAt()));
      this.options.onStored(outcome.position);
      for (const request of ofRow) carried.set(request, new Map([...stored, [row, outcome]]));
    }
    return carried;
  }

  /** One try for requests that go through the security stream. */
  private async lockedRound(requests: readonly WaitingRequest[]): Promise<WaitingRequest[]> {
    const { security } = this.options;
    await security.giveWay();
    await security.catchUp();
    const found = await this.tailsOf(requests);
    const round = planRound(requests, { found, writers: this.writers });
    await this.settle(round.misfits, found);
    if (round.rows.length === 0) return [...round.deferred];
    const rows = round.rows.map((row) => this.intended(row));
    const revision = await security.intend(rows);
    if (revision === null) return remaining(requests, round);
    const stored = new Map<RoundRow, StoredRow>();
    for (const [index, outcome] of (await security.complete(rows, revision)).entries()) {
      const row = round.rows[index];
      if (row && outcome) this.noticeStored(row, { stored: true, ...outcome }, stored);
    }
    for (const request of round.requests) await this.answer(request, stored);
    return [...round.deferred];
  }

  private intended({ stream, base, texts }: RoundRow): IntendedRow {
    const recordedAt = this.options.recordedAt();
    return { stream, base, events: eventsOf(texts, recordedAt) };
  }

  private async storeRows(rows: readonly RoundRow[], stored: Map<RoundRow, StoredRow>): Promise<void> {
    const recordedAt = this.options.recordedAt();
    await Promise.all(
      rows.map(async (row) => {
        const outcome = await this.options.appender.append(row.stream, row.base, eventsOf(row.texts, recordedAt));
        if (outcome.stored) this.noticeStored(row, outcome, stored);
      }),
    );
  }

  private noticeStored(row: RoundRow, outcome: StoredRow, stored: Map<RoundRow, StoredRow>): void {
    stored.set(row, outcome);
    if (row.isWriters || this.writers.has(row.stream)) this.writers.set(row.stream, outcome.revision);
    this.options.onStored(outcome.position);
  }

  /** Success, or the conflict that showed itself while a later stream of the request was written. */
  private async answer({ waiting, places }: RoundRequest, stored: ReadonlyMap<RoundRow, StoredRow>): Promise<void> {
    const conflicting = places.find(({ row }) => !stored.has(row));
    if (conflicting) {
      const { stream } = conflicting.row;
      return waiting.answer(conflictOf(waiting, stream, await this.options.reader.tailOf(stream)));
    }
    let position = START;
    const revisions = places.map(({ row, end }) => {
      const outcome = stored.get(row);
      position = laterPosition(position, outcome?.position ?? START);
      const isWhereMeant = outcome?.revision === row.base + BigInt(row.count);
      return outcome && !isWhereMeant ? outcome.revision : row.base + BigInt(end);
    });
    waiting.answer({ position, revisions, duplicate: false });
  }

  private async settle(misfits: readonly WaitingRequest[], found: ReadonlyMap<string, bigint>): Promise<void> {
    if (misfits.length === 0) return;
    await settleFlush(misfits, { found, writers: this.writers }, this.options.reader);
  }

  /** Last revisions of all streams: supposed where that will do, and read where not. */
  private async supposedTails(requests: readonly WaitingRequest[]): Promise<Map<string, bigint>> {
    const supposed = supposedRevisions(requests, this.writers);
    for (const stream of this.overtaken) supposed.delete(stream);
    for (const [stream, revision] of await this.tailsOf(requests, supposed)) supposed.set(stream, revision);
    return supposed;
  }

  /** Last revisions of all streams but those that are `known`, read at once. */
  private async tailsOf(
    requests: readonly WaitingRequest[],
    known: ReadonlyMap<string, bigint> = new Map(),
  ): Promise<Map<string, bigint>> {
    const { reader } = this.options;
    const streams = new Set(requests.flatMap(({ appends }) => appends.map(({ stream }) => stream)));
    const unknown = [...streams].filter((stream) => !known.has(stream));
    return new Map(await Promise.all(unknown.map(async (name) => [name, await reader.tailOf(name)] as const)));
  }
}

/** Whether a request goes through the security stream. */
function isLocked(request: WaitingRequest | undefined): boolean {
  const appends = request?.appends ?? [];
  if (appends.some(({ stream }) => categoryOf(stream) === 'security')) return true;
  return appends.filter(({ expected }) => expected !== 'next').length > 1;
}

function textsFor({ appends }: WaitingRequest, stream: string): string[] {
  return appends.filter((append) => append.stream === stream).map(({ text }) => text);
}

function remaining(requests: readonly WaitingRequest[], { misfits }: Round): WaitingRequest[] {
  const settled = new Set(misfits);
  return requests.filter((request) => !settled.has(request));
}

function eventsOf(texts: readonly string[], recordedAt: string) {
  return texts.flatMap((text) => text.split('\n')).map((line) => toStore(line, recordedAt));
}

function unwritable(cause: unknown): LogUnavailable {
  return new LogUnavailable('the event log cannot be written', { cause });
}
