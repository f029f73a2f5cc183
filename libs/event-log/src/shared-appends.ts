import type { AppendResult, EventLog } from './event-log.js';
import { AppendChain, type Decider, type Loaded } from './append-chain.js';
import { type CommandAppend, SharedAppend } from './shared-append.js';

/** A command must be decided again: what it rests on has moved on, or is not known to be stored. */
export class Overtaken extends Error {
  override name = 'Overtaken';

  /** It refused, or changed nothing, because of what is not known to be stored: next it rests on the log alone. */
  readonly isUndecided: boolean;

  constructor(
    /** Resolves when it makes sense to look again. */
    readonly until: Promise<void>,
    { isUndecided = false } = {},
  ) {
    super('others were faster');
    this.isUndecided = isUndecided;
  }
}

const NOW = Promise.resolve();

/**
 * Commands of this process that write to the same streams at the same time share an append: each is decided on what those
 * before it add, and one request stores them all or none. Otherwise one of them would win, and all others would lose, each
 * round of a stream that many write to, as that of the owner of many tokens.
 *
 * While one append is under way the next one is put together on top of it. It is sent when the one before is known to be
 * stored, never sooner: what it rests on could fail, and what another process wrote could stand at the same revisions.
 */
export class SharedAppends {
  private readonly chains = new Map<string, AppendChain>();

  constructor(private readonly log: EventLog) {}

  /** The state of a stream with what is on its way to it, where something is and `known` reaches to it; otherwise null. */
  stateOf<State>(stream: string, decider: Decider<State>, known: Loaded<State> | undefined): Loaded<State> | null {
    return this.chains.get(stream)?.stateOn(decider, known) ?? null;
  }

  /** Whether one of these events is on its way to a stream. */
  holds(stream: string, ids: ReadonlySet<string>): boolean {
    return this.chains.get(stream)?.holds(ids) ?? false;
  }

  /** Resolves when what is on its way to these streams now is stored, or has failed. */
  async settled(streams: Iterable<string>): Promise<void> {
    await Promise.all([...streams].flatMap((stream) => this.chains.get(stream)?.last.settled ?? []));
  }

  /**
   * Appends what a command decided, each stream under a revision that counts what is on its way. With `gatherMs` others
   * have so long to join. Throws Overtaken before anything is sent, and what the log throws.
   */
  append(streams: readonly CommandAppend[], gatherMs: number): Promise<AppendResult> {
    const chains = streams.flatMap(({ stream }) => this.chains.get(stream) ?? []);
    const lasts = new Set(chains.map(({ last }) => last.next ?? last));
    const [last] = lasts;
    const stale = streams.filter(({ stream, base }) => (this.chains.get(stream)?.tail ?? base) !== base);
    if (stale.length > 0) {
      const hasMoved = stale.every(({ stream, base }) => this.chains.get(stream)!.tail > base);
      throw new Overtaken(hasMoved ? NOW : this.settled(stale.map(({ stream }) => stream)));
    }
    const isFull = last !== undefined && !last.isSent && last.isFull;
    if (lasts.size > 1 || isFull) throw new Overtaken(this.settled(streams.map(({ stream }) => stream)));
    const shared = last === undefined || last.isSent ? new SharedAppend() : last;
    const answer = shared.add(streams);
    for (const { stream, base, events } of streams) this.chainFor(stream, base).add(events, shared);
    if (last === undefined) void this.send(shared, gatherMs);
    else if (last !== shared) last.next = shared;
    return answer;
  }

  private chainFor(stream: string, base: bigint): AppendChain {
    const chain = this.chains.get(stream) ?? new AppendChain(stream, base);
    this.chains.set(stream, chain);
    return chain;
  }

  private async send(shared: SharedAppend, gatherMs: number): Promise<void> {
    const error = await shared.send(this.log, gatherMs);
    const failed = error === null ? [] : [shared, ...(shared.next === null ? [] : [shared.next])];
    for (const each of failed) for (const stream of each.streams) this.chains.delete(stream);
    if (error === null) for (const stream of shared.streams) this.forget(stream, shared);
    shared.settle(error);
    if (error !== null) shared.next?.settle(error);
    else if (shared.next !== null) void this.send(shared.next, 0);
  }

  private forget(stream: string, stored: SharedAppend): void {
    const chain = this.chains.get(stream);
    if (chain === undefined) return;
    if (chain.last === stored) this.chains.delete(stream);
    else chain.forgetUpTo(stored.tailOf(stream));
  }
}
