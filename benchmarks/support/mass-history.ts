import { PostgresImporter } from '#libs/event-log';
import { balanceAt } from '#libs/billing/domain';
import type { CleanUp } from './clean-up.js';
import type { InProcessLedger } from './in-process-ledger.js';
import { createMassTokens, type MassToken } from './mass-tokens.js';
import { MassUses } from './mass-uses.js';
import { createOrganizations } from './population.js';
import { BenchmarkFailed } from './run-benchmark.js';

export interface MassHistorySize {
  /** Events that the log holds at least. */
  readonly events: number;
  readonly organizations: number;
  readonly tokens: number;
}

/** What a ledger was filled with. */
export interface MassHistory {
  readonly events: number;
  readonly tokens: readonly MassToken[];
  readonly organizationUids: readonly string[];
  readonly from: number;
  readonly to: number;
  /** Of each organization, as the events leave it. */
  readonly balances: ReadonlyMap<string, bigint>;
}

/** How far in the past the history begins; the clock of the ledger must be set back by it. */
export const HISTORY_MS = 40 * 24 * 3600 * 1000;
const WRITE_EVENTS = 8_000;
/** Of the 64 checks of a flush, roughly: nearly all are two events. */
const EVENTS_A_FLUSH = 125;
const ANSWER_WITHIN_MS = 60_000;

/**
 * Fills a ledger with forty days of checks faster than it could make them: organizations by its API, tokens by its
 * decisions, and the checks decided here and imported, as a log is that moves from one engine to another. Its read models
 * must stand still.
 */
export async function fillMassHistory(
  cleanUp: CleanUp,
  ledger: InProcessLedger,
  size: MassHistorySize,
): Promise<MassHistory> {
  const { log, clock, connectionString } = ledger.services.store;
  const organizations = await createOrganizations(ledger.admin, size.organizations);
  const organizationUids = organizations.map(({ uid }) => uid);
  const perOrganization = Math.ceil(size.tokens / size.organizations);
  const tokens = await createMassTokens(ledger, organizationUids, {
    perOrganization,
    secretsOf: () => perOrganization,
  });
  const from = clock.now();
  const period = { from, to: from + HISTORY_MS };
  const uses = await MassUses.begin(log, tokens, period);
  const importer = await PostgresImporter.open({ connectionString, answerWithinMs: ANSWER_WITHIN_MS });
  cleanUp.add(() => importer.close());
  const before = Number((await log.heads()).all);
  let events = before;
  let at = from;
  const stepMs = (HISTORY_MS * EVENTS_A_FLUSH) / Math.max(EVENTS_A_FLUSH, size.events - before);
  let writing = Promise.resolve();
  while (events < size.events) {
    const batch = uses.flush(at);
    for (; batch.length < WRITE_EVENTS && events + batch.length < size.events; at += stepMs) {
      for (const event of uses.flush(Math.round(at))) batch.push(event);
    }
    events += batch.length;
    // One is made while the one before it is written.
    await writing;
    writing = importer.write(batch);
    writing.catch(() => undefined);
  }
  await writing;
  const stored = Number((await log.heads()).all);
  if (stored !== events) throw new BenchmarkFailed(`${events} events were imported and ${stored} stand in the log`);
  const balances = new Map([...uses.accounts].map(([uid, state]) => [uid, balanceAt(state, period.to)]));
  return { events, tokens, organizationUids, ...period, balances };
}
