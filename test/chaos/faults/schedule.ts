import { Dice } from '../../../benchmarks/support/dice.js';

/** Everything that can be done to an installation of two servers, PostgreSQL and the links between them. */
export const FAULT_KINDS = [
  'killServer',
  'killPostgres',
  'killBoth',
  'stopServer',
  'pauseServer',
  'pausePostgres',
  'cutDatabase',
  'silenceDatabase',
  'slowDatabase',
  'fillDisk',
  'jumpClock',
  'thirdServer',
  'repeatJob',
  'killRebuild',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
export const SERVER_NAMES = ['a', 'b'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export interface Fault {
  /** From 1. */
  readonly number: number;
  readonly kind: FaultKind;
  /** The server that it is done to, where it is done to one. */
  readonly server: ServerName;
  /** How long it lasts, or how long until its second half; milliseconds. */
  readonly forMs: number;
  /** Kind of its own for each kind: the clock's offset, the delay of the link, whether both servers are hit. */
  readonly offsetMs: number;
  readonly delayMs: number;
  readonly both: boolean;
}

/** What is worth watching for longer than anybody's patience with an answer. */
const LASTING = new Set<FaultKind>(['pauseServer', 'pausePostgres', 'fillDisk']);
const CLOCK_OFFSETS_MS = [-86_400_000, -3_600_000, -5_000, 0, 5_000, 3_600_000, 86_400_000];

/** The same seed gives the same faults. Every kind comes in each round, in an order of the round's own. */
export function scheduleOf(seed: number, count: number, kinds: readonly FaultKind[] = FAULT_KINDS): Fault[] {
  const dice = new Dice(seed);
  const faults: Fault[] = [];
  while (faults.length < count) {
    for (const kind of shuffled(kinds, dice)) faults.push(faultOf(faults.length + 1, kind, dice));
  }
  return faults.slice(0, count);
}

function faultOf(number: number, kind: FaultKind, dice: Dice): Fault {
  return {
    number,
    kind,
    server: dice.pick(SERVER_NAMES),
    forMs: 200 + dice.upTo(LASTING.has(kind) ? 5_800 : 2_800),
    offsetMs: dice.pick(CLOCK_OFFSETS_MS),
    delayMs: 5 + dice.upTo(95),
    both: dice.roll() < 0.3,
  };
}

function shuffled<T>(values: readonly T[], dice: Dice): T[] {
  const left = [...values];
  return values.map(() => left.splice(dice.upTo(left.length) - 1, 1)[0] as T);
}

/** A line that says what will be done. */
export function faultText({ number, kind, server, forMs, offsetMs, delayMs, both }: Fault): string {
  const where = both ? 'both servers' : `server ${server}`;
  const texts: Record<FaultKind, string> = {
    killServer: `kill -9 of ${where}`,
    killPostgres: 'kill -9 of PostgreSQL',
    killBoth: `kill -9 of PostgreSQL and ${where}`,
    stopServer: `SIGTERM to server ${server}, and a new start`,
    pauseServer: `SIGSTOP of server ${server} for ${forMs} ms`,
    pausePostgres: `SIGSTOP of PostgreSQL for ${forMs} ms`,
    cutDatabase: `connections to PostgreSQL of ${where} cut, refused for ${forMs} ms`,
    silenceDatabase: `connections to PostgreSQL of ${where} silent for ${forMs} ms`,
    slowDatabase: `connections to PostgreSQL of ${where} slower by ${delayMs} ms a piece for ${forMs} ms`,
    fillDisk: `the disk of PostgreSQL full for ${forMs} ms`,
    jumpClock: `kill -9 of server ${server}, and a new start with its clock off by ${offsetMs} ms`,
    thirdServer: `a third server begins to project, killed with kill -9 after ${forMs} ms`,
    repeatJob: 'the jobs asked for twice on both servers at once',
    killRebuild: `npm run rebuild killed with kill -9 after ${forMs} ms`,
  };
  return `#${number} ${kind}: ${texts[kind]}`;
}
