import { laterPosition, type Position } from '#libs/event-log';
import { streamOf } from '#libs/contracts';
import type { AccountState } from '../domain/index.js';
import { AppendBatch } from './append-batch.js';
import type { RecentEntries } from './recent-entries.js';

/** An account as the log holds it. */
export interface DurableAccount {
  readonly state: AccountState;
  /** At or after the account's last event. */
  readonly position: Position;
}

/** What a decision is made on. */
export interface AccountView {
  /** The account with everything that was decided before, stored or still under way. */
  readonly state: AccountState;
  /** Whoever decides by what the table of entries holds must have asked it at or after this position. */
  readonly since: Position;
  /** Credits taken back of a charge, by uid of the reversal: at least what the table does not hold. */
  reversalsOf(chargeUid: string): ReadonlyMap<string, bigint>;
}

/** An account in memory: its newest state, and the appends that it is ahead of the log. */
export class LiveAccount implements AccountView {
  readonly stream: string;
  state: AccountState;
  /** As the log is known to hold it. */
  durable: DurableAccount;
  underWay: AppendBatch | null = null;
  /** Batches that go after the one under way. */
  readonly waiting: AppendBatch[] = [];
  /** True while another node, which writes to the account too, is to have its turn. */
  isResting = false;
  /** True when an append was not stored: everything that was built on it is void, and the account is loaded again. */
  isLost = false;

  /** `loadedFrom`: position of the snapshot that it was read from. */
  constructor(
    durable: DurableAccount,
    readonly loadedFrom: Position,
    private readonly recent: RecentEntries,
  ) {
    this.stream = streamOf.account(durable.state.uid);
    this.state = durable.state;
    this.durable = durable;
  }

  get since(): Position {
    return laterPosition(this.loadedFrom, this.recent.forgotten);
  }

  reversalsOf(chargeUid: string): ReadonlyMap<string, bigint> {
    return this.recent.reversalsOf(chargeUid);
  }

  /** True while something is under way or waits for it. */
  get isBusy(): boolean {
    return this.underWay !== null || this.waiting.length > 0;
  }

  /** The batch that holds the newest decision, if it is not stored yet. */
  get newestBatch(): AppendBatch | null {
    return this.waiting[this.waiting.length - 1] ?? this.underWay;
  }

  /** The batch that the next decision goes into. */
  openBatch(): AppendBatch {
    const last = this.waiting[this.waiting.length - 1];
    if (last !== undefined && !last.isFull) return last;
    const batch = new AppendBatch(this.stream, this.state);
    this.waiting.push(batch);
    return batch;
  }
}
