import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { categoryOf } from '#libs/contracts';
import { LogUnavailable } from '../event-log.js';
import { laterPosition, type Position, START } from '../position.js';
import { contentOf, type EventToStore } from './event-codec.js';
import type { ServerEvent } from './server-event.js';
import { SECURITY_STREAM } from './stream-names.js';
import type { EventStoreReader } from './eventstore-reader.js';
import { QuietStretch } from './quiet-stretch.js';
import type { QuorumLease } from './quorum-lease.js';
import type { StreamAppender } from './stream-appender.js';
import { WritersTurn } from './writers-turn.js';

/** Events that are meant for one stream, after one revision. */
export interface IntendedRow {
  readonly stream: string;
  /** Last revision of the stream before them, -1n when it holds nothing. */
  readonly base: bigint;
  readonly events: readonly EventToStore[];
}

/** What became of the rows: last revision and position of each that was stored, null for one that conflicted. */
export type CompletedRows = readonly ({ readonly revision: bigint; readonly position: Position } | null)[];

interface StoredIntent {
  readonly rows: readonly {
    readonly stream: string;
    readonly base: string;
    readonly events: readonly EventToStore[];
  }[];
}

interface StoredMark {
  /** Position of the last security event. */
  readonly position: string;
  /** Revision, in this stream, of the last intent that is carried out. */
  readonly through: string;
}

const INTENDED = 'SecurityIntended';
const REACHED = 'SecurityReached';
const PAGE = 64;
/** A writer that has not marked its intent for so long is taken for dead. */
const ABANDONED_AFTER_MS = 1_000;
const LOOK_AGAIN_MS = 2;

interface Unmarked {
  readonly revision: bigint;
  readonly id: string;
  readonly intent: StoredIntent;
  readonly noticedAt: number;
}

/**
 * The one short stream through which everything passes that decides whether a token is good, and every request to
 * several contended streams. A writer first appends what it intends (an intent, under the revision up to which it has
 * read, so there is one writer at a time), then carries it out, then appends how far the log's security events reach
 * (a mark), and only then answers. The last mark is what the barrier of verification reads.
 *
 * An intent without a mark belongs to a writer that is still at work or has died: whoever writes next waits for the mark,
 * and carries the intent out first when there is none after a second. Doing so twice changes nothing, because the events
 * have their ids and their revisions. But it is slow: of two appends of the same events at the same time the server drops
 * one without a word, and the one who sent it hears of it after two seconds.
 */
export class SecurityStream {
  /** Revision up to which this stream was read. */
  private seen = -1n;
  private mark = { position: START, through: -1n };
  /** The latest position that a mark is known to speak of. */
  private known: Position = START;
  private looking: Promise<Position> | null = null;
  private unmarked: Unmarked[] = [];
  private isBegun = false;
  /** Nobody else waits for what this process itself has left undone. */
  private ownIntent: string | null = null;
  private readonly turns = new WritersTurn();
  private turn: Promise<unknown> = Promise.resolve();

  /** Where no security event stands. */
  readonly quiet: QuietStretch;

  constructor(
    private readonly reader: EventStoreReader,
    private readonly appender: StreamAppender,
    private readonly lease: QuorumLease,
  ) {
    this.quiet = new QuietStretch(lease.lastsMs);
  }

  /**
   * Position of the last security event whose command may have been acknowledged: one read of the leader, which a lease
   * confirms. Throws LogUnavailable.
   */
  async position(): Promise<Position> {
    const stood = this.quiet.begin(this.reader.lastKnown, performance.now());
    const { position, isSettled } = await this.lease.confirmed(() => this.lastMark());
    this.known = laterPosition(this.known, position);
    if (isSettled) this.quiet.end(position, stood);
    return position;
  }

  /** Waits until a mark speaks of the event at `position`, and makes one if its writer has died. Throws LogUnavailable. */
  async marked(position: Position): Promise<void> {
    const since = performance.now();
    for (;;) {
      if (this.known >= position) return;
      await this.look();
      if (this.known >= position) return;
      if (performance.now() - since >= ABANDONED_AFTER_MS) break;
      await delay(LOOK_AGAIN_MS);
    }
    await this.exclusively(() => this.catchUp());
    await this.look();
    if (this.known < position) throw new LogUnavailable('security events stand in the log without a mark');
  }

  /** Whoever waits for a mark meanwhile shares it: a mark that speaks of an event does so for ever. */
  private look(): Promise<unknown> {
    this.looking ??= this.position().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  /** Marks the last security event of a log that was not written through this stream. */
  markUpTo(position: Position): Promise<void> {
    return this.exclusively(async () => {
      await this.catchUp();
      await this.reach(position, this.mark.through);
    });
  }

  /** `isSettled`: no intent was open, so that no security event stood in the log or was on its way but those it speaks of. */
  private async lastMark(): Promise<{ position: Position; isSettled: boolean }> {
    for (let count = 1; ; count *= PAGE) {
      const events = await this.reader.readBack(SECURITY_STREAM, count);
      const mark = events.find(({ type }) => type === REACHED);
      if (mark) {
        const { position, through } = markIn(mark);
        return { position, isSettled: mark === events[0] && through === mark.revision - 1n };
      }
      if (events.length < count) return { position: START, isSettled: false };
    }
  }

  /** One writer of this process at a time. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Lets other processes have their turn. Only in `exclusively`. */
  async giveWay(): Promise<void> {
    const wayMs = this.turns.wayMs(performance.now());
    if (wayMs > 0) await delay(wayMs);
  }

  /** Reads on, and carries out and marks what others left undone. Only in `exclusively`. */
  async catchUp(): Promise<void> {
    await this.readOn();
    while (this.unmarked.length > 0) {
      if (this.isAtWork(this.unmarked[0])) {
        await delay(LOOK_AGAIN_MS);
        await this.readOn();
        continue;
      }
      let reached = this.mark.position;
      for (const { intent } of this.unmarked) reached = laterPosition(reached, await this.carryOut(intent));
      await this.reach(reached, this.unmarked.at(-1)?.revision ?? this.mark.through);
      await this.readOn();
    }
  }

  /**
   * Appends an intent; null when somebody else wrote to this stream since `catchUp`, and everything must be looked at
   * again. Only in `exclusively`, after `catchUp`.
   */
  async intend(rows: readonly IntendedRow[]): Promise<bigint | null> {
    const intent: StoredIntent = { rows: rows.map((row) => ({ ...row, base: row.base.toString() })) };
    const event = markerEvent(INTENDED, intent);
    this.turns.begin(performance.now());
    this.ownIntent = event.id;
    const outcome = await this.appender.append(SECURITY_STREAM, this.seen, [event]);
    return outcome.stored ? outcome.revision : null;
  }

  /** Carries out the own intent at `revision`, and marks it. Only in `exclusively`. */
  async complete(rows: readonly IntendedRow[], revision: bigint): Promise<CompletedRows> {
    const stored = await Promise.all(rows.map(({ stream, base, events }) => this.carryOutRow(stream, base, events)));
    let reached = this.mark.position;
    for (const [index, row] of rows.entries()) {
      const position = stored[index]?.position;
      if (position !== undefined && categoryOf(row.stream) === 'security') reached = laterPosition(reached, position);
    }
    this.seen = revision;
    await this.reach(reached, revision);
    this.turns.end(performance.now());
    return stored;
  }

  /** Whether the mark of an intent may still come from its writer. */
  private isAtWork(unmarked: Unmarked | undefined): boolean {
    if (unmarked === undefined || unmarked.id === this.ownIntent) return false;
    return performance.now() - unmarked.noticedAt < ABANDONED_AFTER_MS;
  }

  /** Appends a mark, unless another one says as much or more by now. */
  private async reach(position: Position, through: bigint): Promise<void> {
    for (;;) {
      const isKnown = this.mark.position >= position && this.mark.through >= through;
      if (isKnown) return;
      const mark: StoredMark = { position: position.toString(), through: through.toString() };
      const event = markerEvent(REACHED, mark);
      const outcome = await this.appender.append(SECURITY_STREAM, this.seen, [event]);
      if (outcome.stored) {
        this.seen = outcome.revision;
        this.noticeMark(position, through);
        return;
      }
      await this.readOn();
    }
  }

  private async carryOut({ rows }: StoredIntent): Promise<Position> {
    let reached = START;
    for (const { stream, base, events } of rows) {
      const [standing] = (await this.reader.readRaw(stream, BigInt(base) + BigInt(events.length), 1)).slice(-1);
      const isStanding = standing?.id === events.at(-1)?.id;
      const outcome = isStanding ? standing : await this.carryOutRow(stream, BigInt(base), events);
      if (outcome && categoryOf(stream) === 'security') reached = laterPosition(reached, outcome.position);
    }
    return reached;
  }

  private async carryOutRow(stream: string, base: bigint, events: readonly EventToStore[]) {
    const outcome = await this.appender.append(stream, base, events);
    return outcome.stored ? outcome : null;
  }

  private async readOn(): Promise<void> {
    if (!this.isBegun) await this.begin();
    for (;;) {
      const page = await this.reader.readRaw(SECURITY_STREAM, this.seen + 1n, PAGE);
      for (const event of page) this.notice(event);
      if (page.length < PAGE) return;
    }
  }

  /** Finds the last mark: what lies before the intent that it speaks of is done. */
  private async begin(): Promise<void> {
    for (let count = PAGE; ; count *= PAGE) {
      const events = await this.reader.readBack(SECURITY_STREAM, count);
      const last = events.find(({ type }) => type === REACHED);
      if (last === undefined && events.length === count) continue;
      const mark = last === undefined ? this.mark : markIn(last);
      const { through } = mark;
      const first = events.at(-1)?.revision ?? 0n;
      if (through + 1n < first) continue;
      this.seen = through;
      this.mark = mark;
      this.isBegun = true;
      return;
    }
  }

  private notice(event: ServerEvent): void {
    const { id, type, revision } = event;
    this.seen = revision;
    if (type === INTENDED) {
      const noticedAt = performance.now();
      this.unmarked.push({ revision, id, intent: contentOf<StoredIntent>(event), noticedAt });
      if (id !== this.ownIntent) this.turns.noticeRival(noticedAt);
    } else if (type === REACHED) {
      const { position, through } = markIn(event);
      this.noticeMark(position, through);
    } else throw new LogUnavailable(`stream ${SECURITY_STREAM} holds ${type}, which is not the ledger's`);
  }

  private noticeMark(position: Position, through: bigint): void {
    const { mark } = this;
    this.known = laterPosition(this.known, position);
    this.mark = {
      position: laterPosition(mark.position, position),
      through: mark.through > through ? mark.through : through,
    };
    this.unmarked = this.unmarked.filter(({ revision }) => revision > this.mark.through);
  }
}

function markIn(event: ServerEvent): { position: Position; through: bigint } {
  const { position, through } = contentOf<StoredMark>(event);
  return { position: BigInt(position) as Position, through: BigInt(through) };
}

function markerEvent(type: string, data: object): EventToStore {
  return { id: randomUUID(), type, data: JSON.stringify(data), metadata: '{}' };
}
