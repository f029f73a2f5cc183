import type { StreamCategory } from '#libs/contracts';
import { assert } from '#libs/kernel';

/** What this adapter writes for itself; readers of the log never see them as events. */
export const SECURITY_STREAM = 'security';
export const RETENTION_STREAM = 'retention';
/** Followed by an id of the process. */
export const LEASE_STREAMS = 'lease-';

/** Their names begin with the category; all others are of category security. */
const ACCOUNT_OR_USAGE = ['account', 'usage'] as const;
const PREFIX = /^([a-z][a-z0-9]{0,31}\.)?$/;
/** Of a ledger that has a prefix: not of one that has none, which may share the cluster. */
const PREFIXED = /^[a-z][a-z0-9]{0,31}\./;

/** Names of the ledger's streams on the server: behind a prefix, where several ledgers share a cluster. */
export class StreamNames {
  /** Matches the names of streams that hold events of the ledger, and no others. */
  readonly pattern: string;

  /** `prefix`: empty, or small letters and digits with a dot at the end. */
  constructor(private readonly prefix: string) {
    assert(PREFIX.test(prefix), `not a prefix of streams: ${prefix}`);
    this.pattern = `^${prefix.replace('.', '\\.')}(?!\\$|[a-z][a-z0-9]{0,31}\\.|${SECURITY_STREAM}$|${RETENTION_STREAM}$|${LEASE_STREAMS})`;
  }

  /** Whether other ledgers may share the server. */
  get mayShare(): boolean {
    return this.prefix !== '';
  }

  /** Matches the names of streams of some categories. */
  patternOf(categories: readonly StreamCategory[]): string {
    const begins = ACCOUNT_OR_USAGE.filter((category) => categories.includes(category)).map((each) => `${each}-`);
    const others = ACCOUNT_OR_USAGE.filter((category) => !categories.includes(category)).map((each) => `${each}-`);
    if (!categories.includes('security')) return `${this.pattern}(${begins.join('|')})`;
    return others.length === 0 ? this.pattern : `${this.pattern}(?!${others.join('|')})`;
  }

  onServer(stream: string): string {
    return `${this.prefix}${stream}`;
  }

  /** The ledger's name of a stream that holds events of the ledger; null for any other. */
  ofLedger(onServer: string): string | null {
    if (!onServer.startsWith(this.prefix)) return null;
    const stream = onServer.slice(this.prefix.length);
    return isReserved(stream) ? null : stream;
  }
}

/** True for names that are the server's or this adapter's own. */
export function isReserved(stream: string): boolean {
  if (stream.startsWith('$') || stream.startsWith(LEASE_STREAMS) || PREFIXED.test(stream)) return true;
  return stream === SECURITY_STREAM || stream === RETENTION_STREAM;
}
