import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Dice } from '../../benchmarks/support/dice.js';
import { checkRun, type Findings } from './checker/check-run.js';
import type { Violation } from './checker/violations.js';
import { inject } from './faults/inject.js';
import { type Fault, FAULT_KINDS, type FaultKind, faultText, scheduleOf, SERVER_NAMES } from './faults/schedule.js';
import { HistoryFile, readHistory } from './history.js';
import { Installation } from './installation/installation.js';
import { Load, type LoadOptions } from './load/load.js';
import { accepts } from './load/accepts.js';
import { Population } from './load/population.js';
import { Recorder } from './load/recorder.js';
import { Wire } from './load/wire.js';
import { readLog, readViews } from './read-views.js';

export interface ChaosOptions {
  readonly faults: number;
  readonly seed: number;
  /** Faults are made up to this time, milliseconds. */
  readonly withinMs: number;
  readonly only: readonly FaultKind[];
  /** The load goes on after the last fault until so many tokens were revoked. */
  readonly revocations: number;
  /** Load between two faults, milliseconds. */
  readonly betweenMs: number;
  readonly diskMegabytes: number;
  readonly load: LoadOptions;
  /** Where the history is kept; it is left there. */
  readonly historyPath: string;
  readonly say: (line: string) => void;
}

export interface ChaosResult extends Findings {
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Kinds that could not be made here, with the reason. */
  readonly skipped: string | null;
}

/** How soon both servers must accept a charged use again, once the cause of a fault is gone. */
const RECOVERED_WITHIN_MS = 60_000;

/** Starts an installation, hits it under load as the schedule says, and holds what it did against what it must do. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-chaos-'));
  const installation = await Installation.start({ folder, diskMegabytes: options.diskMegabytes });
  const stopOnSignal = () => void installation.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopOnSignal).once('SIGTERM', stopOnSignal);
  try {
    return await run(installation, options);
  } finally {
    process.off('SIGINT', stopOnSignal).off('SIGTERM', stopOnSignal);
    await installation.stop();
  }
}

async function run(installation: Installation, options: ChaosOptions): Promise<ChaosResult> {
  const { say } = options;
  const ports = new Map(SERVER_NAMES.map((name) => [name, installation.server(name).port]));
  const population = new Population(ports, installation.adminToken);
  await population.create();
  const wires = new Map(SERVER_NAMES.map((name) => [name, new Wire(ports.get(name)!)]));
  const history = new HistoryFile(options.historyPath);
  const recorder = new Recorder(wires, history, new Dice(options.seed));
  const load = new Load(recorder, population, options.load);
  const faults = new Faults(installation, population, recorder);
  const { disk } = installation;
  const skipped = typeof disk === 'string' && options.only.includes('fillDisk') ? `fillDisk: ${disk}` : null;
  if (skipped !== null) say(`SKIPPED ${skipped}`);
  const kinds = options.only.filter((kind) => kind !== 'fillDisk' || typeof disk !== 'string');
  try {
    await makeFaults(faults, kinds, load, options);
  } catch (error) {
    recorder.isGivenUp = true;
    throw error;
  } finally {
    await load.stop();
  }
  await history.close();
  wires.forEach((wire) => wire.close());
  say(`${history.length} attempts; reading everything back`);
  const views = await readViews(installation, population);
  const findings = await checkRun({ history: readHistory(options.historyPath), events: readLog(installation), views });
  return { ...findings, violations: [...faults.violations, ...findings.violations], faults: faults.made, skipped };
}

async function makeFaults(
  faults: Faults,
  kinds: readonly FaultKind[],
  load: Load,
  { faults: count, seed, withinMs, revocations, betweenMs, say }: ChaosOptions,
): Promise<void> {
  const until = performance.now() + withinMs;
  for (const fault of scheduleOf(seed, count, kinds)) {
    if (performance.now() > until) {
      say(`the time is up after ${fault.number - 1} faults`);
      break;
    }
    say(await faults.make(fault));
    await pause(betweenMs);
  }
  while (load.revocations.done < revocations && performance.now() < until) await pause(betweenMs);
}

/** Makes faults one after the other, each when the one before has been recovered from. */
class Faults {
  readonly made = new Map<FaultKind, number>(FAULT_KINDS.map((kind) => [kind, 0]));
  readonly violations: Violation[] = [];

  constructor(
    private readonly installation: Installation,
    private readonly population: Population,
    private readonly recorder: Recorder,
  ) {}

  /** Gives a line that tells what was done, and how soon all was well again. */
  async make(fault: Fault): Promise<string> {
    const before = this.recorder.acknowledged;
    const note = await inject(fault, this.installation, this.population);
    const goneAt = performance.now();
    for (const name of SERVER_NAMES) {
      if (await accepts(this.recorder.wire(name), this.population, goneAt + RECOVERED_WITHIN_MS)) continue;
      const detail = `${faultText(fault)}: server ${name} accepts nothing after ${RECOVERED_WITHIN_MS} ms`;
      this.violations.push({ kind: 'did not recover', detail });
    }
    const recoveredMs = Math.round(performance.now() - goneAt);
    this.made.set(fault.kind, (this.made.get(fault.kind) ?? 0) + 1);
    const acknowledged = this.recorder.acknowledged - before;
    const told = note === '' ? '' : ` (${note})`;
    return `${faultText(fault)}${told}; well again after ${recoveredMs} ms, ${acknowledged} acknowledged meanwhile`;
  }
}
