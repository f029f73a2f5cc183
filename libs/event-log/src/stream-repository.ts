import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type CommandContext, type Fact, refuse } from '#libs/contracts';
import type { IdSource } from '#libs/kernel';
import type { Decider, Loaded } from './append-chain.js';
import { CommandAttempt, type CommandTry, type Executed } from './command-attempt.js';
import { type AppendResult, type EventLog, LogUnavailable, type RecordedEvent, RevisionConflict } from './event-log.js';
import { Overtaken, SharedAppends } from './shared-appends.js';

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
 * Commands of this process that write to one stream at the same time are decided on top of each other and share an append.
 * When another writer was faster, everything is loaded and decided again, with the same ids: draw them from `ids` of
 * the try, never from `context.ids`. Where the client sent an idempotency key, `load` stops before the events of this
 * very command: its retry decides on the same state as the first time, makes the same append, and the log recognises it.
 * Load every stream whose content may refuse the command: a conflict on a stream that was not loaded stays a conflict.
 */
export class StreamRepository {
  private readonly caches = new WeakMap<object, Map<string, Loaded<unknown>>>();
  private readonly pauses = new WeakMap<Error, Promise<void>>();
  private readonly shared: SharedAppends;
  private readonly maxCached: number;
  private readonly retryForMs: number;

  constructor(
    private readonly log: EventLog,
    options: StreamRepositoryOptions = {},
  ) {
    this.shared = new SharedAppends(log);
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
    let mayBuild = true;
    for (let lost = 0; ;) {
      const current = new CommandAttempt({ repository: this, shared: this.shared, log: this.log }, context, {
        seed,
        mayBuild,
        gatherMs: lost === 0 ? 0 : GATHER_MS,
      });
      try {
        return await current.run(attempt);
      } catch (error) {
        const isOvertaken = error instanceof Overtaken;
        if (!isOvertaken && !(error instanceof RevisionConflict)) throw notReady(error);
        if (performance.now() >= until) throw refuse('not_ready', { headers: RETRY, cause: error });
        mayBuild = !(isOvertaken && error.isUndecided);
        if (!isOvertaken) lost += 1;
        await (isOvertaken ? error.until : this.pauseAfter(error, lost));
      }
    }
  }

  /** The same for all commands that lost the same race: they go on together, and share their next append. */
  private pauseAfter(error: RevisionConflict, lost: number): Promise<void> {
    const paused = this.pauses.get(error) ?? pause(pauseMs(lost));
    this.pauses.set(error, paused);
    return paused;
  }

  /** What is known of a stream without asking the log. */
  known<State>(stream: string, decider: Decider<State>): Loaded<State> | undefined {
    return this.cacheOf(decider).get(stream);
  }

  /** The state before the first of `events`, read afresh and not cached, because it lies in the past. */
  async loadBefore<State>(stream: string, decider: Decider<State>, events: ReadonlySet<string>) {
    let loaded: Loaded<State> = { state: decider.initial(), revision: -1n };
    for (const event of await this.read(stream, 0n)) {
      if (events.has(event.id)) return { ...loaded, hasEvents: true };
      loaded = advance(loaded, event, decider);
    }
    return { ...loaded, hasEvents: false };
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
/** Commands that lost a race together read at about the same pace. */
const GATHER_MS = 4;

/**
 * A random part of a time that doubles with each lost race. Of several writers that append to one stream one wins a round
 * and all others lose it: without pauses of different length they meet again in the next one, and a server that has to
 * read what the other wrote loses to it again and again.
 */
function pauseMs(tries: number): number {
  return randomInt(0, Math.min(LONGEST_PAUSE_MS, 2 ** tries) + 1);
}

function advance<State>(before: Loaded<State>, event: RecordedEvent, decider: Decider<State>): Loaded<State> {
  return { state: decider.evolve(before.state, event), revision: event.revision };
}

function notReady(error: unknown): unknown {
  if (!(error instanceof LogUnavailable)) return error;
  return refuse('not_ready', { headers: RETRY, cause: error });
}
