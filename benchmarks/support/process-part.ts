import pg from 'pg';
import { type Position } from '#libs/event-log';
import { describeEventsAfter, measureBareInsert, type StoredEvents } from './bare-insert.js';
import { type CallersResult, runCallers } from './callers.js';
import type { CleanUp } from './clean-up.js';
import { type InProcessLedger, startInProcess, verifyUse } from './in-process-ledger.js';
import { createPopulation, type Population, SCOPE } from './population.js';
import { type Lag, lagCell, readLag, untilCaughtUp } from './read-model-lag.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';

export interface ProcessOptions {
  readonly callers: readonly number[];
  /** Of each measurement. */
  readonly seconds: number;
  readonly organizations: number;
  readonly tokens: number;
}

interface Bench {
  readonly ledger: InProcessLedger;
  readonly population: Population;
  readonly client: pg.Client;
  readonly seconds: number;
}

interface Measured extends CallersResult, Pick<StoredEvents, 'bytesAnEvent' | 'eventsAFlush'> {
  readonly readModels: boolean;
  readonly callers: number;
  readonly eventsPerSecond: number;
  /** Of the read models at the end; null when they stood still. */
  readonly lag: Lag | null;
  readonly caughtUpAfterSeconds: number | null;
  readonly barePerSecond: number;
  /** Microseconds of the processor for each use, up to where live read models have caught up. */
  readonly cpu: { readonly node: number; readonly postgres: number };
}

/** A charged use is two events: TokenUsed and OrgCharged. */
const EVENTS_A_USE = 2;
const USE = { cost: 1n, scope: SCOPE, requester: null, idempotencyKey: null } as const;
const WARM_UP_SECONDS = 2;
const WARM_UP_CALLERS = 64;

/** Measures the same stack without HTTP, and a bare batched insert of the same bytes into the same PostgreSQL. */
export async function measureInProcess(cleanUp: CleanUp, options: ProcessOptions): Promise<object> {
  const ledger = await startInProcess(cleanUp);
  const client = new pg.Client(ledger.services.store.connectionString);
  await client.connect();
  cleanUp.add(() => client.end());
  const population = await createPopulation(ledger.admin, options);
  const bench: Bench = { ledger, population, client, seconds: options.seconds };
  await useFor({ ...bench, seconds: WARM_UP_SECONDS }, WARM_UP_CALLERS);
  await untilCaughtUp(ledger.admin);
  const measured: Measured[] = [];
  for (const callers of options.callers) {
    measured.push(await measure(bench, { callers, readModels: true }));
    measured.push(await measure(bench, { callers, readModels: false }));
  }
  print(measured, options.seconds);
  await cleanUp.run();
  return { seconds: options.seconds, measured: measured.map(resultOf) };
}

async function measure(bench: Bench, of: Pick<Measured, 'callers' | 'readModels'>): Promise<Measured> {
  const { ledger, client, seconds } = bench;
  const { log, projections } = ledger.services.store;
  if (!of.readModels) await projections.stop();
  const before = (await log.heads()).all;
  const cpu = { node: cpuSeconds(), postgres: await ledger.postgresCpuSeconds() };
  const result = await useFor(bench, of.callers);
  const lag = of.readModels ? await readLag(ledger.admin) : null;
  const caughtUpAfterSeconds = of.readModels ? await untilCaughtUp(ledger.admin) : null;
  const micros = (used: number) => (used * 1e6) / result.calls;
  const spent = {
    node: micros(cpuSeconds() - cpu.node),
    postgres: micros((await ledger.postgresCpuSeconds()) - cpu.postgres),
  };
  if (!of.readModels) await projections.start();
  await untilCaughtUp(ledger.admin);
  await requireStored(ledger, before, result.calls * EVENTS_A_USE);
  const stored = await describeEventsAfter(client, before);
  const barePerSecond = await measureBareInsert(client, stored, seconds);
  const { bytesAnEvent, eventsAFlush } = stored;
  const eventsPerSecond = (result.calls * EVENTS_A_USE) / result.seconds;
  const kept = { bytesAnEvent, eventsAFlush, eventsPerSecond, barePerSecond };
  return { ...of, ...result, ...kept, lag, caughtUpAfterSeconds, cpu: spent };
}

/** Seconds of the processor that this process has used. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Charged uses of one credit, by callers that each take their turn through the tokens. */
function useFor({ ledger, population, seconds }: Bench, callers: number): Promise<CallersResult> {
  const { tokens } = population;
  return runCallers(callers, seconds, async (caller, call) => {
    const secret = tokens[(caller * 31 + call * callers) % tokens.length]?.secret ?? '';
    const verdict = await verifyUse(ledger, { ...USE, secret, requestId: `bench-${caller}-${call}` });
    if (verdict.valid && verdict.charged === '1') return;
    throw new BenchmarkFailed(`a use was not accepted and charged: ${JSON.stringify(verdict)}`);
  });
}

/** Every use that was answered must stand in the log; `GET`s of the read models' lag leave an event now and then. */
async function requireStored({ services }: InProcessLedger, before: Position, events: number): Promise<void> {
  const stored = Number((await services.store.log.heads()).all - before);
  if (stored >= events) return;
  throw new BenchmarkFailed(`${events} events were answered and ${stored} stored`);
}

function print(measured: readonly Measured[], seconds: number): void {
  const headings = [
    'callers',
    'read models',
    'ratio',
    'events/s',
    'bare/s',
    'p50 ms',
    'p99 ms',
    'events/flush',
    'bytes/event',
    'lag events',
    'lag s',
    'caught up s',
    'CPU µs node + postgres',
  ];
  const rows = measured.map((one) => [
    `${one.callers}`,
    one.readModels ? 'live' : 'stopped',
    one.eventsPerSecond / one.barePerSecond,
    Math.round(one.eventsPerSecond),
    Math.round(one.barePerSecond),
    one.p50,
    one.p99,
    one.eventsAFlush,
    Math.round(one.bytesAnEvent),
    one.lag === null ? '-' : lagCell(one.lag),
    one.lag?.seconds ?? '-',
    one.caughtUpAfterSeconds ?? '-',
    `${cellOf(Math.round(one.cpu.node))} + ${cellOf(Math.round(one.cpu.postgres))}`,
  ]);
  console.log(`\nThe same in one process, without HTTP: durable events, 2 a use, ${seconds} s each\n`);
  console.log(tableOf(headings, rows));
}

function resultOf(one: Measured): object {
  return {
    callers: one.callers,
    readModels: one.readModels,
    ratio: rounded(one.eventsPerSecond / one.barePerSecond),
    eventsPerSecond: Math.round(one.eventsPerSecond),
    barePerSecond: Math.round(one.barePerSecond),
    p50Ms: rounded(one.p50),
    p99Ms: rounded(one.p99),
    eventsAFlush: rounded(one.eventsAFlush, 1),
    bytesAnEvent: Math.round(one.bytesAnEvent),
    lagEvents: one.lag?.events ?? null,
    lagSeconds: one.lag?.seconds ?? null,
    caughtUpAfterSeconds: one.caughtUpAfterSeconds === null ? null : rounded(one.caughtUpAfterSeconds),
    cpuMicros: { node: rounded(one.cpu.node, 1), postgres: rounded(one.cpu.postgres, 1) },
  };
}
