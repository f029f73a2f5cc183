import type { LogEvent } from './log-event.js';
import type { Violations } from './violations.js';

/** One charge or reversal, as the feed of its account must show it. */
export interface Booking {
  readonly charge: string;
  readonly number: bigint;
  /** Credits that left the account; of a reversal less than zero. */
  readonly amount: bigint;
}

/** An account as its events add up. Grants of the checked runs count from their start and never end. */
export interface Account {
  balance: bigint;
  /** Null: without limit. */
  limit: bigint | null;
  readonly bookings: Booking[];
}

/** Adds up every account's stream by itself, and compares each step with what the event says of it. */
export class AccountsCheck {
  readonly accounts = new Map<string, Account>();

  constructor(private readonly violations: Violations) {}

  take({ type, data, position }: LogEvent): void {
    const at = `${data['accountUid']} at position ${position} (${type})`;
    switch (type) {
      case 'AccountOpened':
        this.accounts.set(data['accountUid'], { balance: 0n, limit: limitOf(data['limit']), bookings: [] });
        return;
      case 'AccountModeChanged':
        this.of(data['accountUid']).limit = limitOf(data['after'].limit);
        return;
      case 'CreditsGranted':
        this.move(data, BigInt(data['amount']), at);
        return;
      case 'GrantExpired':
        this.move(data, -BigInt(data['amount']), at);
        return;
      case 'OrgCharged':
      case 'UserCharged':
        this.book(data, BigInt(data['amount']), at);
        this.requireWithinLimit(data, at);
        return;
      case 'ChargeReversed':
        this.book(data, BigInt(data['amount']), at);
        return;
      default:
        return;
    }
  }

  private of(uid: string): Account {
    const account = this.accounts.get(uid) ?? { balance: 0n, limit: 0n, bookings: [] };
    this.accounts.set(uid, account);
    return account;
  }

  private book(data: LogEvent['data'], amount: bigint, at: string): void {
    const { bookings } = this.of(data['accountUid']);
    const number = BigInt(data['chargeNumber']);
    const expected = (bookings.at(-1)?.number ?? 0n) + 1n;
    if (number !== expected) {
      this.violations.add('gap in the charge numbers', `${at}: number ${expected} was next, and ${number} came`);
    }
    bookings.push({ charge: data['chargeUid'], number, amount });
    this.move(data, -amount, at);
  }

  private move(data: LogEvent['data'], by: bigint, at: string): void {
    const account = this.of(data['accountUid']);
    account.balance += by;
    if (BigInt(data['balanceAfter']) !== account.balance) {
      this.violations.add('wrong balance', `${at}: it says ${data['balanceAfter']}, and adds up to ${account.balance}`);
    }
  }

  private requireWithinLimit(data: LogEvent['data'], at: string): void {
    const { balance, limit } = this.of(data['accountUid']);
    if (limit !== null && balance < -limit) {
      this.violations.add('balance below its limit', `${at}: ${balance} with a limit of ${limit}`);
    }
  }
}

function limitOf(limit: string | null): bigint | null {
  return limit === null ? null : BigInt(limit);
}
