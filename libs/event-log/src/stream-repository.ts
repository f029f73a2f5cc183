import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type CommandContext, type Fact, type NewEvent, refuse, toEvents } from '#libs/contracts';
import { type IdSource, SeededIds } from '#libs/kernel';
import {
  type AppendResult,
  type EventLog,
  LogUnavailable,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from './event-log.js';

/** How the events of a stream become a state. Pure: it returns a new state and never changes the one it was given. */
export interface Decider<State> {
  initial(): State;
  evolve(state: State, event: RecordedEvent): State;
}

export interface Loaded<State> {
  readonly state: State;
  /** Last revision of the stream; -1n when it holds nothing. */
  readonly revision: bigint;
}

/**
 * One try of a command that reads and writes several streams. What it appends is stored in one request when the try
 * returns, each stream under the revision that `load` saw in this try, under `noStream` if it was not loaded (or empty).
 */
export interface CommandTry {
  /** The ids of this command, from their beginning: each try draws the same ones. */
  readonly ids: IdSource;
  load<State>(stream: string, decider: Decider<State>): Promise<State>;
  /** Adds facts to a stream; more than one call for a stream adds to the same append. No facts: nothing. */
  append(stream: string, facts: readonly Fact[]): void;
}

export interface Executed<Result> {
  readonly result: Result;
  /** Null when the try appended nothing. */
  readonly appended: AppendResult | null;
}

export interface StreamCommand<State> {
  readonly stream: string;
  readonly decider: Decider<State>;
  readonly context: CommandContext;
  /** What happens, on this state; nothing when the command changes nothing. Throws `refuse(…)`. `ids`: see CommandTry. */
  decide(state: State, ids: IdSource): readonly Fact[];
}

export interface StreamExecuted<State> {
  /** State after the command. */
  readonly state: State;
  /** Null when there was nothing to append. */
  readonly appended: AppendResult | null;
}

export interface StreamRepositoryOptions {
  /** Streams kept for each decider, the least recently used go first; default 10,000. */
  readonly maxCached?: number;
  /** How long a command that others overtake is tried again; default 5,000. */
  readonly retryForMs?: number;
}

/**
 * The state of streams for commands: read from the log, cached, and only the tail after the cached revision is read
 * again. Answers `not_ready` (503, `retry-after: 1`) when the log is away, or others were faster for five seconds.
 *
 * One stream: `execute({ stream, decider, context, decide: (state) => decideRevokeToken(state, command, context) })`.
 * Several: `executeAcross(context, async (attempt) => { const owner = await attempt.load(…); attempt.append(…); … })`.
 *
 * When another writer was faster, everything is loaded and decided again, with the same ids: draw them from `ids` of
 * the try, never from `context.ids`. Where the client sent an idempotency key, `load` stops before the events of this
 * very command: its retry decides on the same state as the first time, makes the same append, and the log recognises it.
 * Load every stream whose content may refuse the command: a conflict on a stream that was not loaded stays a conflict.
 */
export class StreamRepository {
  private readonly caches = new WeakMap<object, Map<string, Loaded<unknown>>>();
  private readonly maxCached: number;
  private readonly retryForMs: number;

  constructor(
    private readonly log: EventLog,
    options: StreamRepositoryOptions = {},
  ) {
    this.maxCached = options.maxCached ?? 10_000;
    this.retryForMs = options.retryForMs ?? RETRY_FOR_MS;
  }

  /** The state of a stream, including every append that was acknowledged before this call. */
  async load<State>(stream: string, decider: Decider<State>): Promise<Loaded<State>> {
    const cache = this.cacheOf(decider);
    const known = cache.get(stream) ?? { state: decider.initial(), revision: -1n };
    const tail = await this.read(stream, known.revision + 1n);
    const loaded = tail.reduce((before, event) => advance(before, event, decider), known);
    this.keep(cache, stream, loaded);
    return loaded;
  }

  /** Loads one stream, decides, appends. */
  async execute<State>(command: StreamCommand<State>): Promise<StreamExecuted<State>> {
    const { stream, decider, context } = command;
    const { result, appended } = await this.executeAcross(context, async (attempt) => {
      const state = await attempt.load(stream, decider);
      attempt.append(stream, command.decide(state, attempt.ids));
      return state;
    });
    return { state: appended === null ? result : (await this.load(stream, decider)).state, appended };
  }

  /** Runs `attempt`, and again while others are faster; stores what it appended in one request. */
  async executeAcross<Result>(
    context: CommandContext,
    attempt: (attempt: CommandTry) => Promise<Result> | Result,
  ): Promise<Executed<Result>> {
    const seed = context.ids.uuid();
    const until = performance.now() + this.retryForMs;
    for (let tries = 1; ; tries += 1) {
      const current = new Attempt(this, this.log, context, seed);
      const result = await attempt(current);
      try {
        return { result, appended: await current.store() };
      } catch (error) {
        if (!(error instanceof RevisionConflict)) throw notReady(error);
        if (performance.now() >= until) throw refuse('not_ready', { headers: RETRY, cause: error });
        await pause(pauseMs(tries));
      }
    }
  }

  /** The state before the first of `events`, read afresh and not cached, because it lies in the past. */
  async loadBefore<State>(stream: string, decider: Decider<State>, events: ReadonlySet<string>) {
    let loaded: Loaded<State> = { state: decider.initial(), revision: -1n };
    for (const event of await this.read(stream, 0n)) {
      if (events.has(event.id)) break;
      loaded = advance(loaded, event, decider);
    }
    return loaded;
  }

  private async read(stream: string, from: bigint): Promise<RecordedEvent[]> {
    try {
      return await this.log.readStream(stream, { from });
    } catch (error) {
      throw notReady(error);
    }
  }

  private cacheOf<State>(decider: Decider<State>): Map<string, Loaded<State>> {
    let cache = this.caches.get(decider) as Map<string, Loaded<State>> | undefined;
    if (!cache) {
      cache = new Map();
      this.caches.set(decider, cache);
    }
    return cache;
  }

  private keep<State>(cache: Map<string, Loaded<State>>, stream: string, loaded: Loaded<State>): void {
    // Two loads of one stream may end in either order: the older one must not take the younger one's place.
    const present = cache.get(stream);
    const newest = present && present.revision > loaded.revision ? present : loaded;
    cache.delete(stream);
    if (newest.revision === -1n) return;
    cache.set(stream, newest);
    if (cache.size <= this.maxCached) return;
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
}

const RETRY_FOR_MS = 5_000;
const RETRY = { 'retry-after': '1' };
const LONGEST_PAUSE_MS = 64;

/**
 * A random part of a time that doubles with each lost race. Of several writers that append to one stream one wins a round
 * and all others lose it: without pauses of different length they meet again in the next one, and a server that has to
 * read what the other wrote loses to it again and again.
 */
function pauseMs(tries: number): number {
  return randomInt(0, Math.min(LONGEST_PAUSE_MS, 2 ** tries) + 1);
}

/** Far more than a command appends: each of them is looked for when the command is sent again under its key. */
const OWN_EVENTS = 64;

class Attempt implements CommandTry {
  readonly ids: IdSource;
  private readonly revisions = new Map<string, bigint>();
  private readonly facts = new Map<string, Fact[]>();
  private ownEvents: ReadonlySet<string> | null = null;

  constructor(
    private readonly repository: StreamRepository,
    private readonly log: EventLog,
    private readonly context: CommandContext,
    private readonly seed: string,
  ) {
    this.ids = new SeededIds(seed, context.at);
  }

  async load<State>(stream: string, decider: Decider<State>): Promise<State> {
    const loaded =
      this.context.idempotency === undefined
        ? await this.repository.load(stream, decider)
        : await this.repository.loadBefore(stream, decider, this.eventsOfThisCommand());
    // The first look counts: what came between two looks at one stream was not seen by all of the decision.
    if (!this.revisions.has(stream)) this.revisions.set(stream, loaded.revision);
    return loaded.state;
  }

  append(stream: string, facts: readonly Fact[]): void {
    if (facts.length === 0) return;
    this.facts.set(stream, [...(this.facts.get(stream) ?? []), ...facts]);
  }

  async store(): Promise<AppendResult | null> {
    if (this.facts.size === 0) return null;
    const ids = this.eventIds();
    const streams: StreamAppend[] = [];
    for (const [stream, facts] of this.facts) {
      const revision = this.revisions.get(stream) ?? -1n;
      const events: NewEvent[] = toEvents(facts, { ...this.context, ids });
      streams.push({ stream, expected: revision === -1n ? 'noStream' : revision, events });
    }
    return this.log.append({ streams });
  }

  /** Apart from the other ids, so that the n-th event has the same id however many ids a decision draws. */
  private eventIds(): IdSource {
    return new SeededIds(`${this.seed}:events`, this.context.at);
  }

  private eventsOfThisCommand(): ReadonlySet<string> {
    const ids = this.eventIds();
    this.ownEvents ??= new Set(Array.from({ length: OWN_EVENTS }, () => ids.uuid()));
    return this.ownEvents;
  }
}

function advance<State>(before: Loaded<State>, event: RecordedEvent, decider: Decider<State>): Loaded<State> {
  return { state: decider.evolve(before.state, event), revision: event.revision };
}

function notReady(error: unknown): unknown {
  if (!(error instanceof LogUnavailable)) return error;
  return refuse('not_ready', { headers: RETRY, cause: error });
}
