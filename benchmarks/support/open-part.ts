import { setTimeout as pause } from 'node:timers/promises';
import type { CleanUp } from './clean-up.js';
import { checkExactness, type Exactness } from './exactness.js';
import { wireRequestOf } from './kept-connection.js';
import { type OpenResult, runOpenLoop } from './open-loop.js';
import { addressesOf, pairedLoad, type Target } from './paired-load.js';
import { type Lag, lagCell, readLag, untilCaughtUp } from './read-model-lag.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import { type StageOptions, startStage, type VerifyStage } from './verify-stage.js';
import { requireWrk } from './wrk.js';

export interface OpenOptions extends StageOptions {
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  /** Of the closed loop that finds the saturation. */
  readonly connections: number;
}

interface Round {
  readonly bare: OpenResult;
  readonly ledger: OpenResult;
  /** Shortly before the end of the load. */
  readonly lag: Lag;
}

interface Measured {
  /** Checks a second of the closed loop, one for each round, before the first of them. */
  readonly saturation: readonly number[];
  /** Half of that. */
  readonly perSecond: number;
  readonly rounds: readonly Round[];
  readonly exactness: Exactness;
}

const PATH = '/v1/verify';
const TARGET_P99_MS = 25;
const SATURATION_SECONDS = 3;
const WARM_UP_SECONDS = 2;
const LAG_BEFORE_END_MS = 300;
/** Many more than are under way when nothing stands still, so that hardly any request waits for one. */
const CONNECTIONS = 256;

type OpenLoadOf = (target: Target, seconds: number) => Promise<OpenResult>;

/**
 * Measures how long charged checks take that come at half of the rate which the ledger can bear, whatever becomes of those
 * before them, beside a bare echo that is asked at the same rate.
 */
export async function measureOpenLoop(cleanUp: CleanUp, options: OpenOptions): Promise<object> {
  requireWrk();
  const stage = await startStage(cleanUp, options);
  const { admin } = stage.ledger;
  const saturated = await saturate(cleanUp, stage, options);
  const perSecond = Math.floor(median(saturated.rates) / 2);
  const load = openLoadOf(stage, perSecond);
  let answered = saturated.answered;
  for (const target of ['bare', 'ledger'] as const) {
    const { requests } = await load(target, WARM_UP_SECONDS);
    if (target === 'ledger') answered += requests;
  }
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    await untilCaughtUp(admin);
    rounds.push(await measureRound(stage, load, options.seconds));
    answered += rounds[round]?.ledger.requests ?? 0;
  }
  await untilCaughtUp(admin);
  const exactness = await checkExactness(admin, stage.population, {
    acknowledged: stage.sampled + answered,
    unanswered: saturated.unanswered,
  });
  const measured = { saturation: saturated.rates, perSecond, rounds, exactness };
  print(measured, options);
  await cleanUp.run();
  return resultOf(measured, options);
}

interface Saturated {
  readonly rates: readonly number[];
  readonly answered: number;
  /** At most so many more may have been charged. */
  readonly unanswered: number;
}

/** What the ledger bears: the first run is thrown away. */
async function saturate(cleanUp: CleanUp, stage: VerifyStage, options: OpenOptions): Promise<Saturated> {
  const { rounds, connections } = options;
  const load = await pairedLoad(cleanUp, stage, { path: PATH, bodies: stage.bodies, connections });
  const rates: number[] = [];
  let answered = 0;
  for (let run = 0; run <= rounds; run += 1) {
    const { perSecond, requests } = await load('ledger', SATURATION_SECONDS);
    await untilCaughtUp(stage.ledger.admin);
    answered += requests;
    if (run > 0) rates.push(perSecond);
  }
  return { rates, answered, unanswered: connections * (rounds + 1) };
}

function openLoadOf(stage: VerifyStage, perSecond: number): OpenLoadOf {
  const addresses = addressesOf(stage, PATH);
  const bearer = stage.ledger.admin.token;
  const requestsTo = ({ url, path }: { url: string; path: string }): Buffer[] =>
    stage.bodies.map((body) => wireRequestOf(url, { path, bearer, body }));
  const requests = { bare: requestsTo(addresses.bare), ledger: requestsTo(addresses.ledger) };
  return (target, seconds) =>
    runOpenLoop({
      name: target,
      url: addresses[target].url,
      requests: requests[target],
      perSecond,
      seconds,
      connections: CONNECTIONS,
    });
}

async function measureRound({ ledger }: VerifyStage, load: OpenLoadOf, seconds: number): Promise<Round> {
  const bare = await load('bare', seconds);
  const loading = load('ledger', seconds);
  await Promise.race([pause(seconds * 1000 - LAG_BEFORE_END_MS), loading]);
  const [loaded, lag] = await Promise.all([loading, readLag(ledger.admin)]);
  return { bare, ledger: loaded, lag };
}

const FIGURES = ['p50Ms', 'p99Ms', 'p999Ms', 'maxMs', 'lateP99Ms'] as const;
type Figure = (typeof FIGURES)[number];

function middle(rounds: readonly Round[], target: Target, figure: Figure): number {
  return median(rounds.map((round) => round[target][figure]));
}

function ratioOf(rounds: readonly Round[], figure: Figure): number {
  return median(rounds.map(({ ledger, bare }) => ledger[figure] / bare[figure]));
}

function print({ saturation, perSecond, rounds, exactness }: Measured, { seconds, connections }: OpenOptions): void {
  console.log(
    `\nPOST ${PATH}, durable, with a charge, open loop: ${cellOf(perSecond)} requests/s at random moments, half of ` +
      `${cellOf(Math.round(median(saturation)))}/s (wrk, ${connections} connections), ${seconds} s a measurement\n`,
  );
  const headings = ['round', 'p50 ms', 'p99 ms', 'p99.9 ms', 'most ms', 'sent late p99 ms', 'lag events', 'lag s'];
  const rows = rounds.flatMap(({ bare, ledger, lag }, index) => [
    [`${index + 1} bare`, ...FIGURES.map((figure) => bare[figure]), '', ''],
    [`${index + 1} ledger`, ...FIGURES.map((figure) => ledger[figure]), lagCell(lag), lag.seconds],
  ]);
  const medians = (['bare', 'ledger'] as const).map((target) => [
    `median ${target}`,
    ...FIGURES.map((figure) => middle(rounds, target, figure)),
  ]);
  const ratios = ['median ratio', ...FIGURES.slice(0, 4).map((figure) => ratioOf(rounds, figure))];
  console.log(tableOf(headings, [...rows, ...medians, ratios]));
  const p99 = middle(rounds, 'ledger', 'p99Ms');
  const verdict = p99 <= TARGET_P99_MS ? 'reached' : 'NOT reached';
  console.log(`\n  p99 of at most ${TARGET_P99_MS} ms at half of the saturation: ${verdict} (${cellOf(p99)} ms)`);
  console.log(`  exact: ${cellOf(exactness.charges)} charges in the feeds = ${cellOf(exactness.uses)} uses`);
}

function resultOf({ saturation, perSecond, rounds, exactness }: Measured, options: OpenOptions): object {
  const figuresOf = (of: (figure: Figure) => number): object =>
    Object.fromEntries(FIGURES.map((figure) => [figure, rounded(of(figure))]));
  return {
    secondsARound: options.seconds,
    saturationPerSecond: Math.round(median(saturation)),
    perSecond,
    medians: {
      bare: figuresOf((figure) => middle(rounds, 'bare', figure)),
      ledger: figuresOf((figure) => middle(rounds, 'ledger', figure)),
      ratio: figuresOf((figure) => ratioOf(rounds, figure)),
    },
    rounds: rounds.map(({ bare, ledger, lag }) => ({
      bare: figuresOf((figure) => bare[figure]),
      ledger: figuresOf((figure) => ledger[figure]),
      lagEvents: lag.events,
      lagSeconds: lag.seconds,
    })),
    exactness,
  };
}
