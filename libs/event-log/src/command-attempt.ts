import { type CommandContext, type Fact, type NewEvent, toEvents } from '#libs/contracts';
import { type IdSource, SeededIds } from '#libs/kernel';
import type { Decider, Loaded } from './append-chain.js';
import type { AppendResult, EventLog } from './event-log.js';
import { asStreamAppend } from './shared-append.js';
import { Overtaken, type SharedAppends } from './shared-appends.js';

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

/** What a try asks of the streams. */
export interface StreamStates {
  /** What is known of a stream without asking the log. */
  known<State>(stream: string, decider: Decider<State>): Loaded<State> | undefined;
  load<State>(stream: string, decider: Decider<State>): Promise<Loaded<State>>;
  /** The state before the first of some events, and whether one of them is there. */
  loadBefore<State>(
    stream: string,
    decider: Decider<State>,
    events: ReadonlySet<string>,
  ): Promise<Loaded<State> & { readonly hasEvents: boolean }>;
}

/** Far more than a command appends: each of them is looked for when the command is sent again under its key. */
const OWN_EVENTS = 64;

interface Parts {
  readonly repository: StreamStates;
  readonly shared: SharedAppends;
  readonly log: EventLog;
}

interface AttemptOptions {
  readonly seed: string;
  /** Whether it may rest on what is on its way. */
  readonly mayBuild: boolean;
  /** How long other commands may join its append. */
  readonly gatherMs: number;
}

/** One try of a command. */
export class CommandAttempt implements CommandTry {
  readonly ids: IdSource;
  private readonly revisions = new Map<string, bigint>();
  private readonly facts = new Map<string, Fact[]>();
  /** Streams whose state counts what is on its way. */
  private readonly unsettled = new Set<string>();
  private ownEvents: ReadonlySet<string> | null = null;
  /** This very command was stored before. */
  private isAgain = false;

  constructor(
    private readonly parts: Parts,
    private readonly context: CommandContext,
    private readonly options: AttemptOptions,
  ) {
    this.ids = new SeededIds(options.seed, context.at);
  }

  /** Decides and stores. Throws Overtaken and RevisionConflict when it has to be tried again. */
  async run<Result>(attempt: (attempt: CommandTry) => Promise<Result> | Result): Promise<Executed<Result>> {
    let result: Result;
    try {
      result = await attempt(this);
    } catch (error) {
      // A refusal, too, may rest on what will never be stored.
      this.assertSettled(this.unsettled);
      throw error;
    }
    // What is appended is stored on top of what it rests on, or not at all. Anything else must not rest on it.
    this.assertSettled([...this.unsettled].filter((stream) => !this.facts.has(stream)));
    return { result, appended: await this.store() };
  }

  async load<State>(stream: string, decider: Decider<State>): Promise<State> {
    const loaded = await this.loaded(stream, decider);
    // The first look counts: what came between two looks at one stream was not seen by all of the decision.
    if (!this.revisions.has(stream)) this.revisions.set(stream, loaded.revision);
    return loaded.state;
  }

  append(stream: string, facts: readonly Fact[]): void {
    if (facts.length === 0) return;
    this.facts.set(stream, [...(this.facts.get(stream) ?? []), ...facts]);
  }

  private async loaded<State>(stream: string, decider: Decider<State>): Promise<Loaded<State>> {
    const { repository } = this.parts;
    if (this.context.idempotency !== undefined) return this.loadedBefore(stream, decider);
    return (
      this.onTop(stream, decider, repository.known(stream, decider)) ??
      this.onLoaded(stream, decider, await repository.load(stream, decider))
    );
  }

  /** Of a command under a key: the state before its own events, if it was carried out already. */
  private async loadedBefore<State>(stream: string, decider: Decider<State>): Promise<Loaded<State>> {
    const { repository, shared } = this.parts;
    const own = this.eventsOfThisCommand();
    const { hasEvents, ...loaded } = await repository.loadBefore(stream, decider, own);
    if (hasEvents) this.isAgain = true;
    if (hasEvents) return loaded;
    if (shared.holds(stream, own)) throw new Overtaken(shared.settled([stream]));
    return this.onLoaded(stream, decider, loaded);
  }

  private onLoaded<State>(stream: string, decider: Decider<State>, loaded: Loaded<State>): Loaded<State> {
    return this.onTop(stream, decider, loaded) ?? loaded;
  }

  private onTop<State>(stream: string, decider: Decider<State>, known: Loaded<State> | undefined) {
    if (!this.options.mayBuild) return null;
    const state = this.parts.shared.stateOf(stream, decider, known);
    if (state !== null) this.unsettled.add(stream);
    return state;
  }

  private assertSettled(streams: Iterable<string>): void {
    const unsettled = [...streams];
    if (unsettled.length === 0) return;
    throw new Overtaken(this.parts.shared.settled(unsettled), { isUndecided: true });
  }

  private async store(): Promise<AppendResult | null> {
    if (this.facts.size === 0) return null;
    const ids = this.eventIds();
    const appends = [...this.facts].map(([stream, facts]) => {
      const events: NewEvent[] = toEvents(facts, { ...this.context, ids });
      return { stream, base: this.revisions.get(stream) ?? -1n, events };
    });
    const { shared, log } = this.parts;
    if (!this.isAgain) return shared.append(appends, this.options.gatherMs);
    return log.append({ streams: appends.map(asStreamAppend) });
  }

  /** Apart from the other ids, so that the n-th event has the same id however many ids a decision draws. */
  private eventIds(): IdSource {
    return new SeededIds(`${this.options.seed}:events`, this.context.at);
  }

  private eventsOfThisCommand(): ReadonlySet<string> {
    const ids = this.eventIds();
    this.ownEvents ??= new Set(Array.from({ length: OWN_EVENTS }, () => ids.uuid()));
    return this.ownEvents;
  }
}
