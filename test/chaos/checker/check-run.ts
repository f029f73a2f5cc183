import type { Entry } from '../history.js';
import { AccountsCheck } from './accounts.js';
import type { LogEvent } from './log-event.js';
import { RequestsCheck } from './requests.js';
import { RevocationsCheck } from './revocations.js';
import { StreamsCheck } from './streams.js';
import { UsesCheck } from './uses.js';
import { type Views, ViewsCheck } from './views.js';
import { type Violation, Violations } from './violations.js';

/** Everything that is known of a run when it is over. */
export interface Evidence {
  /** Every attempt of every request, in any order. */
  readonly history: Iterable<Entry> | AsyncIterable<Entry>;
  /** The whole log, in its order. */
  readonly events: Iterable<LogEvent> | AsyncIterable<LogEvent>;
  readonly views: Views;
  /** False: positions leave numbers out; they count the events when absent. */
  readonly positionsCount?: boolean;
  /** By how much a revocation may take effect after it was acknowledged; 0 when absent. */
  readonly lateByMs?: number;
}

/** What a run has shown. */
export interface Findings {
  readonly violations: readonly Violation[];
  readonly events: number;
  readonly attempts: number;
  /** Attempts that were acknowledged, and those of which nothing is known. */
  readonly acknowledged: number;
  readonly unknown: number;
  /** Tokens whose revocation was acknowledged. */
  readonly revocations: number;
  /** How long after its revocation the latest check began that accepted a token; 0 when none did. */
  readonly latestAcceptanceMs: number;
  /** Charges and reversals. */
  readonly bookings: number;
}

/** Holds the history of a run against the log, and the log against what the ledger shows. */
export async function checkRun({
  history,
  events,
  views,
  positionsCount = true,
  lateByMs = 0,
}: Evidence): Promise<Findings> {
  const violations = new Violations();
  const streams = new StreamsCheck(violations, positionsCount);
  const accounts = new AccountsCheck(violations);
  const uses = new UsesCheck(violations);
  const requests = new RequestsCheck(violations);
  const revocations = new RevocationsCheck(violations, lateByMs);
  const shown = new ViewsCheck(views, violations);
  const counts = { events: 0, attempts: 0, acknowledged: 0, unknown: 0 };
  for await (const event of events) {
    counts.events += 1;
    for (const check of [streams, accounts, uses, shown]) check.take(event);
    requests.takeEvent(event);
  }
  for await (const entry of history) {
    counts.attempts += 1;
    if (entry.outcome !== 'refused') counts[entry.outcome] += 1;
    requests.takeEntry(entry);
    revocations.take(entry);
  }
  uses.end();
  requests.end();
  revocations.end();
  shown.end(accounts.accounts);
  const bookings = [...accounts.accounts.values()].reduce((sum, account) => sum + account.bookings.length, 0);
  const { revoked, latestMs } = revocations;
  return { ...counts, violations: violations.list(), revocations: revoked, latestAcceptanceMs: latestMs, bookings };
}
