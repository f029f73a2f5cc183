import { refuse, streamOf } from '#libs/contracts';
import { type EventLog, type Position, type RecordedEvent, START } from '#libs/event-log';
import { assert, SharedRead } from '#libs/kernel';
import { type AccountFact, type AccountState, evolveAccount, initialAccount, isOpen } from '../domain/index.js';
import type { AccountReadModel } from './account-read-model.js';
import { type DurableAccount, LiveAccount } from './live-account.js';
import { fromReadModel } from './read-model-away.js';
import { isRemembered, type RecentEntries } from './recent-entries.js';

/** Events of one account that are read at once; more only lie behind a snapshot while a read model is being rebuilt. */
const PAGE_EVENTS = 2_000;

export interface LiveAccountsOptions {
  readonly log: EventLog;
  readonly readModel: AccountReadModel;
  readonly recent: RecentEntries;
  readonly capacity: number;
}

/** The accounts in memory, the least recently used go first. */
export class LiveAccounts {
  private readonly accounts = new Map<string, LiveAccount>();
  private readonly loads = new Map<string, SharedRead<LiveAccount>>();
  /** Accounts that were dropped: what is durable of them is true, so only the events after it are read again. */
  private readonly lost = new Map<string, LiveAccount>();
  private readonly tails = new WeakMap<LiveAccount, SharedRead<DurableAccount>>();

  constructor(private readonly options: LiveAccountsOptions) {}

  get(uid: string): LiveAccount | undefined {
    const account = this.accounts.get(uid);
    if (account === undefined) return undefined;
    this.accounts.delete(uid);
    this.accounts.set(uid, account);
    return account;
  }

  /** The account, read from snapshot and log if it is not in memory. Refuses `not_found`. */
  async load(uid: string): Promise<LiveAccount> {
    let load = this.loads.get(uid);
    if (load === undefined) {
      load = new SharedRead(() => this.read(uid));
      this.loads.set(uid, load);
    }
    try {
      return await load.get();
    } finally {
      if (!load.isRunning) this.loads.delete(uid);
    }
  }

  /**
   * The account as the log holds it at a moment after this call. An account that is not ahead of the log is brought up
   * to date by the way, should another node have written.
   */
  newest(account: LiveAccount): Promise<DurableAccount> {
    let tail = this.tails.get(account);
    if (tail === undefined) {
      tail = new SharedRead(() => this.readTail(account));
      this.tails.set(account, tail);
    }
    return tail.get();
  }

  /** Drops an account of which an append was not stored. */
  lose(account: LiveAccount): void {
    account.isLost = true;
    const { uid } = account.state;
    if (this.accounts.get(uid) !== account) return;
    this.accounts.delete(uid);
    if (this.lost.size >= this.options.capacity) this.lost.clear();
    this.lost.set(uid, account);
  }

  private async read(uid: string): Promise<LiveAccount> {
    const present = this.accounts.get(uid);
    if (present !== undefined) return present;
    const { from, since } = await this.base(uid);
    const durable = await this.follow(from);
    if (!isOpen(durable.state)) throw refuse('not_found');
    const account = new LiveAccount(durable, since, this.options.recent);
    this.lost.delete(uid);
    this.accounts.set(uid, account);
    this.evict();
    return account;
  }

  /** What is known of the account without the log, and the position after which its entries are remembered. */
  private async base(uid: string): Promise<{ from: DurableAccount; since: Position }> {
    const lost = this.lost.get(uid);
    if (lost !== undefined) return { from: lost.durable, since: lost.loadedFrom };
    const snapshot = await fromReadModel(this.options.readModel.snapshot(uid));
    return snapshot === null
      ? { from: { state: initialAccount(uid), position: START }, since: START }
      : { from: snapshot, since: snapshot.position };
  }

  private async readTail(account: LiveAccount): Promise<DurableAccount> {
    const newest = await this.follow(account.durable);
    if (!account.isBusy && !account.isLost && newest.state.revision > account.state.revision) {
      account.state = newest.state;
      account.durable = newest;
    }
    return newest;
  }

  /** Folds what the log holds after a state, and remembers the entries among it. */
  private async follow(from: DurableAccount): Promise<DurableAccount> {
    const stream = streamOf.account(from.state.uid);
    let { state, position } = from;
    for (;;) {
      const events = await this.options.log.readStream(stream, { from: state.revision + 1n, limit: PAGE_EVENTS });
      for (const event of events) {
        state = this.fold(state, event);
        position = event.position;
      }
      if (events.length < PAGE_EVENTS) return { state, position };
    }
  }

  private fold(state: AccountState, event: RecordedEvent): AccountState {
    const fact = event as unknown as AccountFact;
    const after = evolveAccount(state, fact);
    assert(after.revision === event.revision, `${event.stream} is at ${state.revision} when ${event.revision} comes`);
    if (isRemembered(fact)) this.options.recent.learn(state.uid, fact, event.position);
    return after;
  }

  private evict(): void {
    if (this.accounts.size <= this.options.capacity) return;
    for (const [uid, account] of this.accounts) {
      if (account.isBusy) continue;
      this.accounts.delete(uid);
      return;
    }
  }
}
