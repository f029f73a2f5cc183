import type { ServerMemory } from './server-memory.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import type { LoadResult } from './wrk.js';

export interface ScaleOptions {
  readonly tokens: number;
  readonly organizations: number;
  readonly rounds: number;
  /** Of each measurement. */
  readonly seconds: number;
  readonly connections: number;
  readonly starts: number;
}

/** One start of the large ledger. */
export interface Start {
  /** Until it listens, from the birth of its process. */
  readonly listeningMs: number;
  /** Until it has answered a check, from the same moment. */
  readonly answeredMs: number;
}

/** The same load in the same seconds: on the small ledger, on as much of the large one, and on all of the large one. */
export interface ScaleRound {
  readonly small: LoadResult;
  readonly near: LoadResult;
  readonly spread: LoadResult;
}

export interface ScaleMeasured {
  readonly starts: readonly Start[];
  readonly memory: { readonly idle: ServerMemory; readonly loaded: ServerMemory };
  readonly rounds: readonly ScaleRound[];
}

const LOADS = ['small', 'near', 'spread'] as const;
const MEANING: Readonly<Record<keyof ScaleRound, string>> = {
  small: '1,000 tokens of 20 organizations, and no others',
  near: 'as many of the large ledger',
  spread: 'of every organization of the large ledger',
};

/** Prints the tables for people. */
export function printScale({ starts, memory, rounds }: ScaleMeasured, options: ScaleOptions): void {
  const { tokens, organizations, connections, seconds } = options;
  console.log(`\n${cellOf(tokens)} live tokens, ${cellOf(organizations)} organizations\n`);
  const startRows = starts.map(({ listeningMs, answeredMs }, index) => [
    `start ${index + 1}`,
    listeningMs / 1000,
    answeredMs / 1000,
  ]);
  console.log(tableOf(['', 'listening s', 'first check answered s'], startRows));
  const memoryRows = Object.entries(memory).map(([when, { rssMb, peakMb, heapMb, externalMb }]) => [
    when,
    ...[rssMb, peakMb, heapMb, externalMb].map(Math.round),
  ]);
  console.log(`\n${tableOf(['server', 'RSS MB', 'peak MB', 'heap MB', 'external MB'], memoryRows)}`);
  console.log(`\nPOST /v1/verify, durable, with a charge; wrk -t1 -c${connections}, ${seconds} s each, in turn\n`);
  const rows = LOADS.map((load) => [
    MEANING[load],
    Math.round(middle(rounds, load, 'perSecond')),
    middle(rounds, load, 'p50Ms'),
    middle(rounds, load, 'p99Ms'),
    comparedOf(rounds, load, 'perSecond'),
    comparedOf(rounds, load, 'p50Ms'),
    comparedOf(rounds, load, 'p99Ms'),
  ]);
  const ratios = ['checks ×', 'p50 ×', 'p99 ×'];
  console.log(tableOf(['medians', 'checks/s', 'p50 ms', 'p99 ms', ...ratios], rows));
}

/** What programs read. */
export function scaleResultOf({ starts, memory, rounds }: ScaleMeasured, options: ScaleOptions): object {
  const compared = (load: keyof ScaleRound): object => ({
    perSecond: Math.round(middle(rounds, load, 'perSecond')),
    p50Ms: rounded(middle(rounds, load, 'p50Ms')),
    p99Ms: rounded(middle(rounds, load, 'p99Ms')),
    p50ToSmall: rounded(comparedOf(rounds, load, 'p50Ms')),
    p99ToSmall: rounded(comparedOf(rounds, load, 'p99Ms')),
  });
  return {
    ...options,
    startedMs: starts.map(({ answeredMs }) => Math.round(answeredMs)),
    listeningMs: starts.map(({ listeningMs }) => Math.round(listeningMs)),
    memory,
    loads: Object.fromEntries(LOADS.map((load) => [load, compared(load)])),
  };
}

type Figure = 'perSecond' | 'p50Ms' | 'p99Ms';

function middle(rounds: readonly ScaleRound[], load: keyof ScaleRound, figure: Figure): number {
  return median(rounds.map((round) => round[load][figure]));
}

/** Median of the ratios to the small ledger, each taken in one round. */
function comparedOf(rounds: readonly ScaleRound[], load: keyof ScaleRound, figure: Figure): number {
  return median(rounds.map((round) => round[load][figure] / round.small[figure]));
}
