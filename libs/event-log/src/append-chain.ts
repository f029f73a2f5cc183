import type { NewEvent } from '#libs/contracts';
import type { RecordedEvent } from './event-log.js';
import type { SharedAppend } from './shared-append.js';

/** An event as a state is made of it. Where it lies in the log and when it was stored are not known while it is on its way. */
export type FoldedEvent = Omit<RecordedEvent, 'position' | 'recordedAt'>;

/** How the events of a stream become a state. Pure: it returns a new state and never changes the one it was given. */
export interface Decider<State> {
  initial(): State;
  evolve(state: State, event: FoldedEvent): State;
}

export interface Loaded<State> {
  readonly state: State;
  /** Last revision of the stream; -1n when it holds nothing. */
  readonly revision: bigint;
}

/** What is on its way to one stream, one append after the other. */
export class AppendChain {
  private events: FoldedEvent[] = [];
  private readonly states = new Map<object, Loaded<unknown>>();
  private end: bigint;
  private lastAppend: SharedAppend | null = null;

  /** `base`: last revision of the stream before the chain. */
  constructor(
    private readonly stream: string,
    private base: bigint,
  ) {
    this.end = base;
  }

  /** Last revision of the stream, when all of it is stored. */
  get tail(): bigint {
    return this.end;
  }

  /** The append that adds to the stream last. */
  get last(): SharedAppend {
    return this.lastAppend!;
  }

  add(events: readonly NewEvent[], append: SharedAppend): void {
    for (const event of events) {
      this.end += 1n;
      this.events.push({ ...event, stream: this.stream, revision: this.end });
    }
    this.lastAppend = append;
  }

  holds(ids: ReadonlySet<string>): boolean {
    return this.events.some(({ id }) => ids.has(id));
  }

  /** What stands up to a revision by now. */
  forgetUpTo(revision: bigint): void {
    this.base = revision;
    this.events = this.events.filter((event) => event.revision > revision);
  }

  /** The state at the tail; null where `known` and what was asked for before lie outside the chain. */
  stateOn<State>(decider: Decider<State>, known: Loaded<State> | undefined): Loaded<State> | null {
    const start = this.startOf(decider, known);
    if (start === null) return null;
    const added = this.events.filter(({ revision }) => revision > start.revision);
    const state = added.reduce((folded, event) => decider.evolve(folded, event), start.state);
    const loaded = { state, revision: this.end };
    this.states.set(decider, loaded);
    return loaded;
  }

  private startOf<State>(decider: Decider<State>, known: Loaded<State> | undefined): Loaded<State> | null {
    const before = this.states.get(decider) as Loaded<State> | undefined;
    if (before !== undefined && this.reaches(before)) return before;
    if (known !== undefined && this.reaches(known)) return known;
    return this.base === -1n ? { state: decider.initial(), revision: -1n } : null;
  }

  private reaches({ revision }: Loaded<unknown>): boolean {
    return revision >= this.base && revision <= this.end;
  }
}
