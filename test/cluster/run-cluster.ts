import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LEASE_MS } from '#libs/event-log';
import { isInstalled, REDIS } from '#libs/kernel/testing';
import { Dice } from '../../benchmarks/support/dice.js';
import { checkRun, type Findings } from '../chaos/checker/check-run.js';
import type { Violation } from '../chaos/checker/violations.js';
import { SERVER_NAMES } from '../chaos/faults/schedule.js';
import { HistoryFile, readHistory } from '../chaos/history.js';
import { accepts } from '../chaos/load/accepts.js';
import { Load, type LoadOptions } from '../chaos/load/load.js';
import { Population } from '../chaos/load/population.js';
import { Recorder } from '../chaos/load/recorder.js';
import { Wire } from '../chaos/load/wire.js';
import { readLog, readViews } from '../chaos/read-views.js';
import { Cluster } from './cluster.js';
import { untilUsesComplete } from './completions.js';
import { Expiries } from './expiries.js';
import { type ClusterFault, impossibleFaults, LEADER_FAULTS, makeFault, TAKEN_OVER_WITHIN_MS } from './faults.js';

export interface ClusterRunOptions {
  /** Each fault is made once in a round. */
  readonly rounds: number;
  readonly kinds: readonly ClusterFault[];
  readonly seed: number;
  /** Load between two faults, milliseconds. */
  readonly betweenMs: number;
  readonly load: LoadOptions;
  readonly eventStoreUrl: string | null;
  /** See ClusterOptions. */
  readonly nodesUrl?: string | null;
  /** The load goes on after the last fault until so many tokens were revoked; default 0. */
  readonly revocations?: number;
  /** But no longer than this, milliseconds from the start of the load; without end when absent. */
  readonly withinMs?: number;
  /** Where the history is kept; it is left there. */
  readonly historyPath: string;
  readonly say: (line: string) => void;
}

export interface ClusterResult extends Findings {
  readonly made: ReadonlyMap<ClusterFault, number>;
  /** How long each take-over of the read models took, milliseconds. */
  readonly takeOvers: readonly number[];
  /** Tokens whose end the jobs have recorded. */
  readonly ended: number;
}

/** How soon both api must accept a charged use again, once what was killed runs again. */
const RECOVERED_WITHIN_MS = 60_000;

/** Starts a cluster, kills its parts in turn under load, and holds what it did against what it must do. */
export async function runCluster(options: ClusterRunOptions): Promise<ClusterResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-cluster-'));
  const { eventStoreUrl, nodesUrl = null, rounds, kinds } = options;
  const isLinked = rounds > 0 && kinds.includes('partitionApi');
  const cluster = await Cluster.start({ folder, redis: isInstalled(REDIS), eventStoreUrl, nodesUrl, isLinked });
  const stopOnSignal = () => void cluster.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopOnSignal).once('SIGTERM', stopOnSignal);
  try {
    return await run(cluster, options);
  } finally {
    process.off('SIGINT', stopOnSignal).off('SIGTERM', stopOnSignal);
    await cluster.stop();
  }
}

async function run(cluster: Cluster, options: ClusterRunOptions): Promise<ClusterResult> {
  const { say, revocations = 0 } = options;
  const ports = new Map(SERVER_NAMES.map((name) => [name, cluster.member(`api-${name}`).port]));
  const population = new Population(ports, cluster.adminToken);
  await population.create();
  const wires = new Map(SERVER_NAMES.map((name) => [name, new Wire(ports.get(name)!)]));
  const history = new HistoryFile(options.historyPath);
  const recorder = new Recorder(wires, history, new Dice(options.seed));
  const load = new Load(recorder, population, options.load);
  const expiries = new Expiries(cluster, population);
  const faults = new ClusterFaults(cluster, population, recorder);
  const until = performance.now() + (options.withinMs ?? Infinity);
  try {
    await faults.makeAll(options);
    while (load.revocations.done < revocations && performance.now() < until) await pause(options.betweenMs);
  } catch (error) {
    recorder.isGivenUp = true;
    expiries.giveUp();
    throw error;
  } finally {
    await load.stop();
  }
  const { ended, violations: undone } = await expiries.finish();
  await untilUsesComplete(cluster);
  await history.close();
  wires.forEach((wire) => wire.close());
  say(`${history.length} attempts; reading everything back`);
  const views = await readViews(cluster, population);
  const findings = await checkRun({
    history: readHistory(options.historyPath),
    events: readLog(cluster),
    views,
    positionsCount: options.eventStoreUrl === null,
    lateByMs: LEADER_FAULTS.some((kind) => faults.made.has(kind)) ? LEASE_MS : 0,
  });
  const violations = [...faults.violations, ...undone, ...findings.violations];
  return { ...findings, violations, made: faults.made, takeOvers: faults.takeOvers, ended };
}

/** Makes faults one after the other, each when the one before has been recovered from. */
class ClusterFaults {
  readonly made = new Map<ClusterFault, number>();
  readonly takeOvers: number[] = [];
  readonly violations: Violation[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly population: Population,
    private readonly recorder: Recorder,
  ) {}

  async makeAll({ rounds, kinds: asked, seed, betweenMs, say }: ClusterRunOptions): Promise<void> {
    const dice = new Dice(seed);
    const impossible = impossibleFaults(this.cluster);
    const kinds = asked.filter((kind) => !impossible.includes(kind));
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of kinds) {
        await pause(betweenMs);
        say(await this.make(kind, dice));
      }
    }
    await pause(betweenMs);
  }

  /** Gives a line that tells what was done, and how soon all was well again. */
  private async make(kind: ClusterFault, dice: Dice): Promise<string> {
    const { text, takenOverMs } = await makeFault(kind, this.cluster, dice);
    const goneAt = performance.now();
    for (const name of SERVER_NAMES) {
      if (await accepts(this.recorder.wire(name), this.population, goneAt + RECOVERED_WITHIN_MS)) continue;
      const detail = `${text}: api-${name} accepts nothing after ${RECOVERED_WITHIN_MS} ms`;
      this.violations.push({ kind: 'did not recover', detail });
    }
    const recoveredMs = Math.round(performance.now() - goneAt);
    this.made.set(kind, (this.made.get(kind) ?? 0) + 1);
    return `${kind}: ${text}${this.takenOver(text, takenOverMs)}; well again after ${recoveredMs} ms`;
  }

  private takenOver(text: string, ms: number | null): string {
    if (ms === null) return '';
    this.takeOvers.push(ms);
    if (ms >= TAKEN_OVER_WITHIN_MS) {
      const detail = `${text}: nobody has taken over within ${TAKEN_OVER_WITHIN_MS} ms`;
      this.violations.push({ kind: 'taken over too late', detail });
    }
    return `; taken over after ${Math.round(ms)} ms`;
  }
}
