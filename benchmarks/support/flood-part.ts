import { randomBytes } from 'node:crypto';
import { EVENT_CONTRACTS } from '#libs/contracts';
import { drawTokenString } from '#libs/tokens/domain';
import { type ChildLedger, startLedger } from './child-server.js';
import type { CleanUp } from './clean-up.js';
import { chargedUse } from './charged-use.js';
import { createPopulation } from './population.js';
import { untilCaughtUp } from './read-model-lag.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import { type LoadResult, requireWrk, runLoad, writeLoadScript } from './wrk.js';

export interface FloodOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Half of them ask with good tokens, in every measurement. */
  readonly connections: number;
  readonly organizations: number;
  readonly tokens: number;
}

interface Round {
  /** Good tokens on half of the connections, nothing on the others. */
  readonly alone: LoadResult;
  /** Good tokens on the other half, too. */
  readonly besideGood: LoadResult;
  /** Made-up tokens on the other half, from ever new addresses. */
  readonly besideFlood: LoadResult;
  readonly flood: LoadResult;
  /** Events that the log has grown by for reasons other than good uses, and megabytes that the process has grown by. */
  readonly extraEvents: number;
  readonly grownMb: number;
}

type Load = (kind: 'good' | 'other' | 'flood') => Promise<LoadResult>;

/** Made-up tokens and addresses: more than the ledger tells apart within a minute. */
const MADE_UP = 20_000;
const EVENTS_OF_A_USE = 2;

/**
 * Measures what a flood of made-up tokens takes from good ones: as the share of what they get beside a load of the same
 * kind, so that 1 means that a refusal costs what an accepted, charged and durable use costs.
 */
export async function measureFlood(cleanUp: CleanUp, options: FloodOptions): Promise<object> {
  requireWrk();
  const ledger = await startLedger(cleanUp, null);
  const load = await prepare(cleanUp, ledger, options);
  await load('good');
  await load('flood');
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) rounds.push(await measureRound(ledger, load));
  print(rounds, options);
  await cleanUp.run();
  return resultOf(rounds);
}

async function prepare(cleanUp: CleanUp, ledger: ChildLedger, options: FloodOptions): Promise<Load> {
  const { admin } = ledger;
  const { tokens } = await createPopulation(admin, options);
  const good = tokens.map(({ secret }) => JSON.stringify(chargedUse(secret)));
  const madeUp = Array.from({ length: MADE_UP }, (_, number) => {
    const token = drawTokenString('tl', 'o', randomBytes).text;
    return JSON.stringify(chargedUse(token, `10.0.${number >> 8}.${number & 255}`));
  });
  const verdict = await admin.post('/v1/verify', JSON.parse(madeUp[0] ?? '{}') as object);
  if (verdict['code'] !== 'unknown_token') throw new BenchmarkFailed(`a made-up token was ${String(verdict['code'])}`);
  const script = async (bodies: readonly string[]) =>
    writeLoadScript(await cleanUp.temporaryFolder('load'), { bearer: admin.token, bodies });
  const scripts = { good: await script(good), other: await script([...good].reverse()), flood: await script(madeUp) };
  return (kind) => {
    const connections = Math.max(1, options.connections / 2);
    const at = { url: admin.url, path: '/v1/verify', seconds: options.seconds, connections };
    return runLoad(cleanUp, { name: kind, script: scripts[kind], ...at });
  };
}

async function measureRound(ledger: ChildLedger, load: Load): Promise<Round> {
  const alone = await load('good');
  const [besideGood] = await Promise.all([load('good'), load('other')]);
  await untilCaughtUp(ledger.admin);
  const before = await readServer(ledger);
  const [besideFlood, flood] = await Promise.all([load('good'), load('flood')]);
  await untilCaughtUp(ledger.admin);
  const after = await readServer(ledger);
  const extraEvents = after.events - before.events - (after.accepted - before.accepted) * EVENTS_OF_A_USE;
  return { alone, besideGood, besideFlood, flood, extraEvents, grownMb: after.rssMb - before.rssMb };
}

interface ServerState {
  readonly events: number;
  readonly accepted: number;
  readonly rssMb: number;
}

/** From the server's own metrics. */
async function readServer({ admin }: ChildLedger): Promise<ServerState> {
  const response = await fetch(`${admin.url}/metrics`, { headers: { authorization: `Bearer ${admin.token}` } });
  const text = await response.text();
  const value = (series: string): number => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
    if (line === undefined) throw new BenchmarkFailed(`/metrics has no ${series}`);
    return Number(line.slice(series.length + 1));
  };
  return {
    events: Object.keys(EVENT_CONTRACTS).reduce(
      (sum, type) => sum + value(`token_ledger_events_appended_total{type="${type}"}`),
      0,
    ),
    accepted: value('token_ledger_token_verifications_total{outcome="valid",kind="organization"}'),
    rssMb: value('process_resident_memory_bytes') / 1e6,
  };
}

const shareOf = ({ besideFlood, besideGood }: Round): number => besideFlood.perSecond / besideGood.perSecond;

function print(rounds: readonly Round[], { connections, seconds }: FloodOptions): void {
  const headings = ['round', 'ratio', 'good/s beside flood', 'beside good', 'alone', 'flood/s'];
  const growth = ['p99 ms', 'p99 beside good', 'events of the flood', 'grown MB'];
  const rows = rounds.map((round, index) => {
    const { alone, besideGood, besideFlood, flood, extraEvents, grownMb } = round;
    const rates = [besideFlood, besideGood, alone, flood].map(({ perSecond }) => perSecond);
    return [`${index + 1}`, shareOf(round), ...rates, besideFlood.p99Ms, besideGood.p99Ms, extraEvents, grownMb];
  });
  console.log(
    `\na flood of made-up tokens from ${cellOf(MADE_UP)} addresses on ${connections / 2} of ${connections} connections, ` +
      `${seconds} s a measurement\n`,
  );
  console.log(tableOf([...headings, ...growth], rows));
  console.log(
    `\n  median of what good tokens get, beside a flood to beside as many good ones: ${cellOf(median(rounds.map(shareOf)))}`,
  );
}

function resultOf(rounds: readonly Round[]): object {
  return {
    medianRatio: rounded(median(rounds.map(shareOf))),
    medianFloodPerSecond: Math.round(median(rounds.map(({ flood }) => flood.perSecond))),
    rounds: rounds.map((round) => ({
      ratio: rounded(shareOf(round)),
      perSecondBesideFlood: Math.round(round.besideFlood.perSecond),
      perSecondBesideGood: Math.round(round.besideGood.perSecond),
      perSecondAlone: Math.round(round.alone.perSecond),
      floodPerSecond: Math.round(round.flood.perSecond),
      p99Ms: round.besideFlood.p99Ms,
      eventsOfTheFlood: round.extraEvents,
      grownMb: rounded(round.grownMb, 1),
    })),
  };
}
