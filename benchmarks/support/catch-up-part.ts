import pg from 'pg';
import { type EventLog, START } from '#libs/event-log';
import { ProjectionEngine, type RebuildResult } from '#libs/projections';
import { PROJECTIONS } from '../../apps/server/src/parts.js';
import type { CleanUp } from './clean-up.js';
import { eachOf } from './each-of.js';
import { type QueryTimes, timeQueries } from './history-queries.js';
import { type InProcessLedger, startInProcess } from './in-process-ledger.js';
import { fillMassHistory, HISTORY_MS, type MassHistory, type MassHistorySize } from './mass-history.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';

export interface CatchUpOptions extends MassHistorySize {
  /** How often each query is asked. */
  readonly queries: number;
}

const TARGETS = { readPerSecond: 150_000, rebuiltPerSecond: 30_000, queryP95Ms: 50 } as const;
/** As the read models read when they catch up. */
const READ_EVENTS = 8_000;
const LIVE_WITHIN_MS = 600_000;
const CHECKED_AT_ONCE = 8;

interface Timed {
  readonly events: number;
  readonly seconds: number;
}

const rateOf = ({ events, seconds }: Timed): number => events / seconds;

/** Fills a ledger, reads all of its log, rebuilds all read models from it, and asks them. */
export async function measureCatchUp(cleanUp: CleanUp, options: CatchUpOptions): Promise<object> {
  const ledger = await startInProcess(cleanUp, -HISTORY_MS);
  const { log, projections, connectionString } = ledger.services.store;
  // What follows the log would take the processor from what is measured.
  await projections.stop();
  const filled = await timed(async () => {
    const history = await fillMassHistory(cleanUp, ledger, options);
    return { history, events: history.events };
  });
  const { history } = filled;
  printTimed('filled', filled);
  const pool = new pg.Pool({ connectionString, max: 3 });
  cleanUp.add(() => pool.end());
  // As after a night: no pages left to write, and the statistics that the autovacuum would have made by then.
  await pool.query('checkpoint');
  await pool.query('analyze');
  const read = await timed(async () => ({ events: await readAll(log) }));
  printTimed('read and parsed', read, TARGETS.readPerSecond);
  if (read.events !== history.events)
    throw new BenchmarkFailed(`${history.events} events, of which ${read.events} read`);
  const rebuilt = await timed(() => rebuild(ledger, pool));
  printTimed('all read models rebuilt', rebuilt, TARGETS.rebuiltPerSecond);
  await projections.start();
  if (!(await projections.waitFor((await log.heads()).all, LIVE_WITHIN_MS))) {
    throw new BenchmarkFailed('the read models do not catch up');
  }
  await checkBalances(ledger, history);
  const times = await timeQueries(ledger.admin, history, options.queries);
  const bytes = await databaseBytes(pool);
  printQueries(times, options, bytes);
  await cleanUp.run();
  return {
    ...options,
    events: history.events,
    fillPerSecond: Math.round(rateOf(filled)),
    readPerSecond: Math.round(rateOf(read)),
    rebuiltPerSecond: Math.round(rateOf(rebuilt)),
    rebuildSeconds: rounded(rebuilt.seconds, 1),
    databaseMb: Math.round(bytes / 1e6),
    queries: times.map(({ query, ...figures }) => ({
      query,
      ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value, 1)])),
    })),
  };
}

async function timed<Result extends { readonly events: number }>(work: () => Promise<Result>): Promise<Result & Timed> {
  const began = performance.now();
  const result = await work();
  return { ...result, seconds: (performance.now() - began) / 1000 };
}

/** Every event of the log, parsed, as the read models ask for them. */
async function readAll(log: EventLog): Promise<number> {
  let events = 0;
  let reading = log.readAll({ after: START, limit: READ_EVENTS });
  for (;;) {
    const batch = await reading;
    events += batch.events.length;
    if (batch.events.length < READ_EVENTS) return events;
    reading = log.readAll({ after: batch.next, limit: READ_EVENTS });
  }
}

/** By an engine of its own: that of the server stands still, and is called off with what it does. */
function rebuild({ services }: InProcessLedger, pool: pg.Pool): Promise<RebuildResult> {
  const { log, clock } = services.store;
  return new ProjectionEngine({ log, pool, clock, projections: PROJECTIONS }).rebuild();
}

/** What the read models say of every account must be what the decisions that were imported left of it. */
async function checkBalances({ admin }: InProcessLedger, { balances }: MassHistory): Promise<void> {
  const wrong = await eachOf([...balances], CHECKED_AT_ONCE, async ([uid, balance]) => {
    const account = await admin.get(`/v1/accounts/${uid}`);
    return account['balance'] === balance.toString() ? 0 : 1;
  });
  const count = wrong.filter((one) => one === 1).length;
  if (count > 0)
    throw new BenchmarkFailed(`${count} of ${balances.size} accounts have another balance than they should`);
}

async function databaseBytes(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  return Number(rows[0]?.bytes);
}

function printTimed(what: string, measured: Timed, target?: number): void {
  const { events, seconds } = measured;
  const rate = Math.round(rateOf(measured));
  const verdict = target === undefined ? '' : `; ${cellOf(target)}: ${rate >= target ? 'reached' : 'NOT reached'}`;
  console.log(`\n  ${what}: ${cellOf(events)} events in ${cellOf(seconds)} s, ${cellOf(rate)} events/s${verdict}`);
}

function printQueries(times: readonly QueryTimes[], { queries }: CatchUpOptions, bytes: number): void {
  console.log(`\nQueries over HTTP, one after the other, ${queries} of each; database of ${cellOf(bytes / 1e6)} MB\n`);
  const rows = times.map(({ query, p50Ms, p95Ms, maxMs }) => [
    query,
    p50Ms,
    p95Ms,
    maxMs,
    p95Ms <= TARGETS.queryP95Ms ? '' : `over ${TARGETS.queryP95Ms} ms`,
  ]);
  console.log(tableOf(['query', 'p50 ms', 'p95 ms', 'most ms', ''], rows));
}
