import type { EventType, NewEvent, StreamCategory } from '#libs/contracts';
import type { Position } from './position.js';

/**
 * What a stream must hold for an append to be made: nothing, at least one event, anything, or exactly up to a revision.
 *
 * `next` is for the only writer of a stream: after whatever this log appended to it before. The adapter assigns the
 * revision when the flush is finally sent, as an explicit one, so it may be used without waiting for earlier appends
 * and whether or not they succeed. Where somebody else has written to the stream meanwhile, the append fails with
 * RevisionConflict, and so does every later `next` to that stream through this log: the writer begins another stream.
 */
export type ExpectedRevision = 'noStream' | 'exists' | 'any' | 'next' | bigint;

export interface StreamAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

/**
 * One command's events, to one or more streams, each stream named once. The events of one stream keep their order;
 * how the positions of different streams of a request lie to each other is not promised.
 *
 * Where `mayPartRequests`, the part under `next` is stored after the other one. Whoever writes it instead of a process
 * that died does so under an explicit revision, with the same event ids: should that process live after all, it finds
 * its events by their ids, and none stands twice.
 */
export interface AppendRequest {
  readonly streams: readonly StreamAppend[];
  /**
   * Stored only where no event of category `security` stands after this position, so that a decision which rests on
   * all of them up to there is confirmed by its own append; otherwise the request fails with SecurityMoved, alone.
   * Never asked of a request that holds events of category `security` itself.
   */
  readonly securityAt?: Position;
}

export interface AppendResult {
  /**
   * Position of the last event of the request. EventStoreDB tells one position for all that a flush added to a stream:
   * there it may be that of a later event of the same flush, never that of an earlier one.
   */
  readonly position: Position;
  /** Last revision of each stream after the request, in the order of the request. */
  readonly revisions: readonly bigint[];
  /**
   * True when the events stood there already: the same append was made before. Of a request with `securityAt`, which is of
   * this moment, it may be false all the same.
   */
  readonly duplicate: boolean;
}

export interface RecordedEvent<T extends EventType = EventType> extends NewEvent<T> {
  readonly stream: string;
  /** 0-based in its stream. */
  readonly revision: bigint;
  readonly position: Position;
  /** Instant of the append, RFC 3339. */
  readonly recordedAt: string;
}

export interface LogHeads {
  /** Position of the last event of the log. */
  readonly all: Position;
  /** Position of the last event of category `security`. */
  readonly security: Position;
}

export interface ReadAllOptions {
  /** Exclusive. One at which an event stands, or one that this log has answered. */
  readonly after: Position;
  /** At most so many events, at least 1. */
  readonly limit: number;
  /** Only streams of these categories; all when absent. */
  readonly categories?: readonly StreamCategory[];
}

/** A stretch of the log, both ends inclusive. They may be computed: nothing need stand there. */
export interface PositionRange {
  readonly first: Position;
  readonly last: Position;
}

/**
 * Asked about the canonical text of an event: where it says true, the event may be left out. That saves nearly all that
 * it costs, for it is not parsed.
 */
export type MayOmit = (text: string) => boolean;

export interface EventBatch {
  /** In the order of their positions. */
  readonly events: readonly RecordedEvent[];
  /**
   * Continue after this: at least the position of the last event, at least `after` when there was nothing. Once the end
   * is reached it lies at the head, whatever the categories, so that waiting for more does not wake in vain.
   */
  readonly next: Position;
}

/** The stream does not hold what the append expected; nothing of the request was stored. */
export class RevisionConflict extends Error {
  override name = 'RevisionConflict';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** Last revision found; -1n when the stream holds nothing. */
    readonly actual: bigint,
  ) {
    super(`stream ${stream}: expected ${String(expected)}, found revision ${actual}`);
  }
}

/** Events of category `security` stand after the position that the request rests on; nothing of it was stored. */
export class SecurityMoved extends Error {
  override name = 'SecurityMoved';

  constructor(readonly securityAt: Position) {
    super(`the log holds security events after position ${securityAt.toString()}`);
  }
}

/** Requests that may wait in a log when nothing else is configured; one more is refused with LogUnavailable. */
export const MAX_WAITING_REQUESTS = 20_000;

/**
 * The log cannot be reached, is closed, or is over its bound of waiting requests (20,000 by default). Whether the request
 * was stored may be unknown: sending it again under explicit revisions is safe.
 */
export class LogUnavailable extends Error {
  override name = 'LogUnavailable';
}

/**
 * The append-only log of all events: the one source of truth. An abstract class, because it is an injection token too.
 * Every adapter passes the whole contract suite (`testing/event-log-contract.ts`).
 */
export abstract class EventLog {
  /**
   * True where a process that dies within an append may leave a request's contended stream written, and what it adds
   * under `next` not. Such a request is finished later by whoever finds it: see AppendRequest.
   */
  get mayPartRequests(): boolean {
    return false;
  }

  /**
   * How far the positions of neighbouring events lie apart, by and large: 1 where events are counted. Whoever divides the
   * log by positions knows by it how many events a part holds.
   */
  get positionsPerEvent(): number {
    return 1;
  }

  /**
   * Appends the events of one request. In memory and in PostgreSQL all or nothing; answered after the commit.
   * Requests that arrive while a flush is under way share the next one; one that conflicts fails alone.
   * A request whose events, by id, stand after its explicit expected revision (or in its expected `noStream`) already
   * succeeds with `duplicate: true`, so that a retry with unknown outcome is safe; never under `any`, `exists` or `next`
   * alone. Of a request to several streams all must stand there, otherwise it is a conflict.
   * A request may build on another one that is still waiting: its expected revision counts what waits before it.
   * Throws RevisionConflict, SecurityMoved, LogUnavailable.
   */
  abstract append(request: AppendRequest): Promise<AppendResult>;

  /** Events of one stream from a revision on (inclusive, default 0), at most `limit` (default all). Empty when there is no such stream. */
  abstract readStream(stream: string, options?: { from?: bigint; limit?: number }): Promise<RecordedEvent[]>;

  /** Events of the whole log after a position, in order; never passes over an event whose append is still under way. */
  abstract readAll(options: ReadAllOptions): Promise<EventBatch>;

  /**
   * The events of some ranges, which are in order and do not meet, in the order of their positions. For a few events here
   * and there: all are read at once. Logs that do not keep the text that `mayOmit` asks about leave out none.
   */
  abstract readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]>;

  /** Heads of the log, linearizable: an append that was acknowledged before this call was made is covered. */
  abstract heads(): Promise<LogHeads>;

  /** Head of category `security` alone, as `heads` tells it; for some logs that is a fraction of the work. */
  async securityHead(): Promise<Position> {
    return (await this.heads()).security;
  }

  /**
   * Resolves as soon as there may be events after `position`, at the latest after `timeoutMs`; a hint only, reading is
   * the truth. Aborting resolves it.
   */
  abstract waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void>;

  /**
   * Drops usage streams' events that were recorded before `instant` (RFC 3339), in whole ranges of at most a month: older
   * ones of the range that holds `instant` may stay, no younger one goes, and no other category loses anything. Positions
   * and revisions of what stays, and those of later appends, are unchanged. Returns the position up to which usage may
   * be missing, START when nothing was ever dropped.
   */
  abstract dropUsageBefore(instant: string): Promise<Position>;

  /** Refuses new requests, waits for those under way, gives connections back. */
  abstract close(): Promise<void>;
}
