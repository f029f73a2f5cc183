import type { ApiClient } from './api-client.js';
import { chargedUse } from './charged-use.js';
import type { CleanUp } from './clean-up.js';
import { checkExactness, type Exactness } from './exactness.js';
import { type LedgerCpu, watchCpu } from './ledger-cpu.js';
import { bareRateOf, pairedLoad, type PairedLoads, ratioOf } from './paired-load.js';
import type { MintedSecret } from './population.js';
import { readLag, untilCaughtUp } from './read-model-lag.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import { type StageOptions, startStage } from './verify-stage.js';
import { requireWrk } from './wrk.js';

export interface BatchOptions extends StageOptions {
  readonly rounds: number;
  /** Of the ledger in each round; the bare echo runs for one second before and after. */
  readonly seconds: number;
  readonly connections: number;
  /** Uses in a request. */
  readonly items: number;
}

interface Round extends PairedLoads {
  readonly lagSeconds: number;
  /** A use. */
  readonly cpu: LedgerCpu;
}

const PATH = '/v1/verify/batch';
const TARGET_PER_SECOND = 30_000;
const BARE_SECONDS = 1;
/** Different requests, sent in turn. */
const BODIES = 50;

/** Measures uses checked and charged many at a time over HTTP, as a ratio to a bare echo of the same bodies. */
export async function measureBatch(cleanUp: CleanUp, options: BatchOptions): Promise<object> {
  requireWrk();
  const { rounds: count, seconds, connections, items } = options;
  const stage = await startStage(cleanUp, options);
  const { admin } = stage.ledger;
  await requireAllCharged(admin, stage.population.tokens.slice(0, items));
  const bodies = bodiesOf(stage.population.tokens, items);
  const load = await pairedLoad(cleanUp, stage, { path: PATH, bodies, connections });
  await load('bare', BARE_SECONDS);
  let requests = (await load('ledger', seconds)).requests;
  await untilCaughtUp(admin);
  const rounds: Round[] = [];
  for (let round = 0; round < count; round += 1) {
    const before = await load('bare', BARE_SECONDS);
    const cpuOf = await watchCpu(stage.ledger);
    const ledger = await load('ledger', seconds);
    const lagSeconds = (await readLag(admin)).seconds;
    await untilCaughtUp(admin);
    const cpu = await cpuOf(ledger.requests * items);
    const after = await load('bare', BARE_SECONDS);
    rounds.push({ bare: [before, after], ledger, lagSeconds, cpu });
    requests += ledger.requests;
  }
  const exactness = await checkExactness(admin, stage.population, {
    acknowledged: stage.sampled + items * (requests + 1),
    unanswered: items * connections * (count + 1),
  });
  print(rounds, exactness, options);
  await cleanUp.run();
  return resultOf(rounds, exactness, options);
}

/** wrk counts statuses only, and a batch is answered with 200 whatever its items are. */
async function requireAllCharged(admin: ApiClient, tokens: readonly MintedSecret[]): Promise<void> {
  const { results } = await admin.post(PATH, { items: tokens.map(({ secret }) => chargedUse(secret)) });
  const verdicts = results as readonly { valid: boolean; charged?: string }[];
  const good = verdicts.filter(({ valid, charged }) => valid && charged === '1');
  if (good.length !== tokens.length) throw new BenchmarkFailed(`of ${tokens.length} uses ${good.length} were charged`);
}

function bodiesOf(tokens: readonly MintedSecret[], items: number): string[] {
  return Array.from({ length: BODIES }, (_, body) => {
    const uses = Array.from({ length: items }, (_, item) => tokens[(body * items + item) % tokens.length]);
    return JSON.stringify({ items: uses.map((token) => chargedUse(token?.secret ?? '')) });
  });
}

function print(rounds: readonly Round[], exactness: Exactness, options: BatchOptions): void {
  const { items, connections, seconds } = options;
  console.log(
    `\nPOST ${PATH} of ${items} uses, durable, each with a charge; wrk -t1 -c${connections}, ${seconds} s a round\n`,
  );
  const headings = ['round', 'ratio', 'uses/s', 'requests/s', 'bare/s', 'p50 ms', 'p99 ms', 'lag s', 'CPU µs a use'];
  const rows = rounds.map((round, index) => {
    const { ledger, lagSeconds, cpu } = round;
    const rates = [ledger.perSecond * items, ledger.perSecond, bareRateOf(round)];
    const measured = [...rates, ledger.p50Ms, ledger.p99Ms, lagSeconds];
    return [`${index + 1}`, ratioOf(round), ...measured, `${cellOf(cpu.node)} + ${cellOf(cpu.postgres)}`];
  });
  console.log(tableOf(headings, rows));
  const uses = median(rounds.map(({ ledger }) => ledger.perSecond)) * items;
  const verdict = uses >= TARGET_PER_SECOND ? 'reached' : 'NOT reached';
  console.log(`\n  median ratio to an echo of the same bodies: ${cellOf(median(rounds.map(ratioOf)))}`);
  console.log(`  ${cellOf(TARGET_PER_SECOND)} uses/s: ${verdict} (${cellOf(Math.round(uses))})`);
  console.log(`  exact: ${cellOf(exactness.charges)} charges in the feeds = ${cellOf(exactness.uses)} uses`);
}

function resultOf(rounds: readonly Round[], exactness: Exactness, options: BatchOptions): object {
  const { items, connections } = options;
  return {
    items,
    connections,
    medianRatio: rounded(median(rounds.map(ratioOf))),
    medianUsesPerSecond: Math.round(median(rounds.map(({ ledger }) => ledger.perSecond)) * items),
    rounds: rounds.map((round) => ({
      ratio: rounded(ratioOf(round)),
      usesPerSecond: Math.round(round.ledger.perSecond * items),
      barePerSecond: round.bare.map(({ perSecond }) => Math.round(perSecond)),
      p50Ms: round.ledger.p50Ms,
      p99Ms: round.ledger.p99Ms,
      lagSeconds: round.lagSeconds,
      cpuMicros: { node: rounded(round.cpu.node, 1), postgres: rounded(round.cpu.postgres, 1) },
    })),
    exactness,
  };
}
