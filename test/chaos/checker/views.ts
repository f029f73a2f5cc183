import type { Account } from './accounts.js';
import type { LogEvent } from './log-event.js';
import type { Violations } from './violations.js';

/** One event of a feed of charges. */
export interface FeedItem {
  /** Uid of the charge. */
  readonly id: string;
  /** Its number in the account, as 20 digits. */
  readonly sequence: string;
  /** Credits, an integer; of a reversal less than zero. */
  readonly amount: string;
}

/** The digest of a read model's table. */
export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  readonly digest: string;
}

/** What the ledger shows at the end of a run, when everything is quiet. */
export interface Views {
  readonly balances: readonly { readonly account: string; readonly server: string; readonly balance: string }[];
  /** The whole feed of each account. */
  readonly feeds: ReadonlyMap<string, readonly FeedItem[]>;
  readonly audit: {
    /** The export covers the log up to this position. */
    readonly upTo: bigint;
    readonly entries: readonly { readonly position: bigint; readonly action: string }[];
  };
  /** The tables as they were filled event by event, and filled anew from the log. */
  readonly digests: { readonly followed: readonly TableDigest[]; readonly rebuilt: readonly TableDigest[] };
}

/** Bookkeeping that stands in one request with another fact; the audit log shows that other one alone. */
const NOT_AUDITED = new Set(['HandleTaken', 'TokenSlotTaken', 'TokenSlotReleased']);

/** What is shown must be what the log adds up to: balances, feeds, the audit log and every other read model. */
export class ViewsCheck {
  private readonly audited = new Map<bigint, string>();

  constructor(
    private readonly views: Views,
    private readonly violations: Violations,
  ) {}

  take({ type, position }: LogEvent): void {
    if (position <= this.views.audit.upTo && !NOT_AUDITED.has(type)) this.audited.set(position, type);
  }

  /** Call it when the whole log was taken. */
  end(accounts: ReadonlyMap<string, Account>): void {
    this.checkBalances(accounts);
    for (const [uid, account] of accounts) this.checkFeed(uid, account);
    this.checkAudit();
    this.checkDigests();
  }

  private checkBalances(accounts: ReadonlyMap<string, Account>): void {
    for (const { account, server, balance } of this.views.balances) {
      const folded = accounts.get(account)?.balance ?? 0n;
      if (BigInt(balance) === folded) continue;
      this.violations.add('wrong balance', `${account} on ${server}: it shows ${balance}, its events say ${folded}`);
    }
  }

  private checkFeed(uid: string, { bookings }: Account): void {
    const feed = this.views.feeds.get(uid);
    if (feed === undefined) return;
    const length = Math.max(feed.length, bookings.length);
    for (let index = 0; index < length; index += 1) {
      const [item, booking] = [feed[index], bookings[index]];
      const shown = item === undefined ? 'nothing' : `${item.id} ${BigInt(item.sequence)} ${item.amount}`;
      const booked = booking === undefined ? 'nothing' : `${booking.charge} ${booking.number} ${booking.amount}`;
      if (shown === booked) continue;
      this.violations.add('feed differs from the log', `${uid}, item ${index + 1}: ${shown} in place of ${booked}`);
      return;
    }
  }

  private checkAudit(): void {
    for (const { position, action } of this.views.audit.entries) {
      const expected = this.audited.get(position);
      this.audited.delete(position);
      if (expected === action) continue;
      const what = `${action} at ${position} where the log holds ${expected ?? 'nothing to be shown, or nothing more'}`;
      this.violations.add('audit log differs from the log', what);
    }
    for (const [position, type] of this.audited) {
      this.violations.add('audit log differs from the log', `no entry for ${type} at ${position}`);
    }
  }

  private checkDigests(): void {
    const { followed, rebuilt } = this.views.digests;
    const anew = new Map(rebuilt.map((table) => [table.table, table]));
    for (const { table, rows, digest } of followed) {
      const other = anew.get(table);
      if (other?.digest === digest && other.rows === rows) continue;
      const texts = `${rows} rows ${digest}, filled anew ${other?.rows ?? 'no'} rows ${other?.digest ?? ''}`;
      this.violations.add('read model differs from the log', `${table}: ${texts}`);
    }
  }
}
