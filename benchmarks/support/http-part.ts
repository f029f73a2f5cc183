import { setTimeout as pause } from 'node:timers/promises';
import type { CleanUp } from './clean-up.js';
import { checkExactness, type Exactness } from './exactness.js';
import { type LedgerCpu, watchCpu } from './ledger-cpu.js';
import { bareRateOf, type PairedLoad, pairedLoad, type PairedLoads, ratioOf } from './paired-load.js';
import { type Lag, lagCell, readLag, untilCaughtUp } from './read-model-lag.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import { type StageOptions, startStage, type VerifyStage } from './verify-stage.js';
import { requireWrk } from './wrk.js';

export interface HttpOptions extends StageOptions {
  readonly rounds: number;
  /** Of the ledger in each round; the bare echo runs for one second before and after. */
  readonly seconds: number;
  readonly connections: number;
}

interface Round extends PairedLoads {
  /** Shortly before the end of the load. */
  readonly lag: Lag;
  readonly caughtUpAfterSeconds: number;
  readonly cpu: CpuPerRequest;
}

/** For each request; those of the ledger up to where the read models have caught up. */
interface CpuPerRequest extends LedgerCpu {
  readonly bare: number;
}

interface Stage extends VerifyStage {
  readonly options: HttpOptions;
  readonly load: PairedLoad;
}

const BARE_SECONDS = 1;
const LAG_BEFORE_END_MS = 300;

/** Measures durable verifications with a charge over HTTP, as a ratio to a bare echo in the same seconds. */
export async function measureHttp(cleanUp: CleanUp, options: HttpOptions): Promise<object> {
  requireWrk();
  const started = await startStage(cleanUp, options);
  const { bodies } = started;
  const load = await pairedLoad(cleanUp, started, { path: '/v1/verify', bodies, connections: options.connections });
  const stage: Stage = { ...started, options, load };
  // What runs for the first time is compiled first, on both sides.
  const warmUp = [await stage.load('bare', BARE_SECONDS), await stage.load('ledger', options.seconds)];
  await untilCaughtUp(stage.ledger.admin);
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) rounds.push(await measureRound(stage));
  const answered = rounds.map(({ ledger }) => ledger.requests).reduce((sum, count) => sum + count, 0);
  const exactness = await checkExactness(stage.ledger.admin, stage.population, {
    acknowledged: stage.sampled + (warmUp[1]?.requests ?? 0) + answered,
    unanswered: options.connections * (rounds.length + 1),
  });
  print(rounds, exactness, options);
  await cleanUp.run();
  return resultOf(rounds, exactness, options);
}

async function measureRound({ options, ledger, echo, load }: Stage): Promise<Round> {
  const bareCpuBefore = await echo.cpuSeconds();
  const cpuOf = await watchCpu(ledger);
  const before = await load('bare', BARE_SECONDS);
  const loading = load('ledger', options.seconds);
  // Not after it: until wrk has reported, the read models have caught up unseen.
  await Promise.race([pause(options.seconds * 1000 - LAG_BEFORE_END_MS), loading]);
  const [loaded, lag] = await Promise.all([loading, readLag(ledger.admin)]);
  // Catching up would slow the echo down and flatter the ledger.
  const caughtUpAfterSeconds = await untilCaughtUp(ledger.admin);
  const after = await load('bare', BARE_SECONDS);
  const bareCpu = ((await echo.cpuSeconds()) - bareCpuBefore) * 1e6;
  return {
    bare: [before, after],
    ledger: loaded,
    lag,
    caughtUpAfterSeconds,
    cpu: { bare: bareCpu / (before.requests + after.requests), ...(await cpuOf(loaded.requests)) },
  };
}

function print(
  rounds: readonly Round[],
  exactness: Exactness,
  { connections, seconds, eventStore }: HttpOptions,
): void {
  const rates = ['round', 'ratio', 'ledger/s', 'bare/s', 'p50 ms', 'p99 ms', 'bare p99'];
  const lags = ['lag events', 'lag s', 'caught up s'];
  const rows = rounds.map((round, index) => {
    const { bare, ledger, lag, caughtUpAfterSeconds, cpu } = round;
    const bareP99 = Math.max(bare[0].p99Ms, bare[1].p99Ms);
    const measured = [ratioOf(round), ledger.perSecond, bareRateOf(round), ledger.p50Ms, ledger.p99Ms, bareP99];
    const shares = `${cellOf(Math.round(cpu.node))} + ${cellOf(Math.round(cpu.postgres))} / ${cellOf(Math.round(cpu.bare))}`;
    return [`${index + 1}`, ...measured, lagCell(lag), lag.seconds, caughtUpAfterSeconds, shares];
  });
  console.log(
    `\nPOST /v1/verify, durable, with a charge; wrk -t1 -c${connections}, ${seconds} s a round, read models live, ` +
      `event log in ${eventStore === undefined ? 'PostgreSQL' : 'EventStoreDB'}\n`,
  );
  console.log(tableOf([...rates, ...lags, 'CPU µs node + postgres / bare'], rows));
  console.log(`\n  median ratio to the bare echo: ${cellOf(median(rounds.map(ratioOf)))}`);
  console.log('  answers that are not 2xx: 0');
  console.log(
    `  exact: ${cellOf(exactness.creditsGone)} credits gone = ${cellOf(exactness.charges)} charges in the feeds = ` +
      `${cellOf(exactness.uses)} uses`,
  );
}

function resultOf(rounds: readonly Round[], exactness: Exactness, options: HttpOptions): object {
  return {
    connections: options.connections,
    secondsARound: options.seconds,
    organizations: options.organizations,
    tokens: options.tokens,
    medianRatio: rounded(median(rounds.map(ratioOf))),
    medianPerSecond: Math.round(median(rounds.map(({ ledger }) => ledger.perSecond))),
    medianP50Ms: rounded(median(rounds.map(({ ledger }) => ledger.p50Ms))),
    medianP99Ms: rounded(median(rounds.map(({ ledger }) => ledger.p99Ms))),
    rounds: rounds.map((round) => ({
      ratio: rounded(ratioOf(round)),
      perSecond: Math.round(round.ledger.perSecond),
      barePerSecond: round.bare.map(({ perSecond }) => Math.round(perSecond)),
      p50Ms: round.ledger.p50Ms,
      p99Ms: round.ledger.p99Ms,
      lagEvents: round.lag.events,
      lagSeconds: round.lag.seconds,
      caughtUpAfterSeconds: rounded(round.caughtUpAfterSeconds),
      cpuMicros: {
        node: rounded(round.cpu.node, 1),
        postgres: rounded(round.cpu.postgres, 1),
        bare: rounded(round.cpu.bare, 1),
      },
    })),
    exactness,
  };
}
