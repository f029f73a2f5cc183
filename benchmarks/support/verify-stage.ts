import { type ChildLedger, type ChildServer, startEcho, startLedger } from './child-server.js';
import { chargedUse, requireCharged } from './charged-use.js';
import type { CleanUp } from './clean-up.js';
import { createPopulation, type Population, type PopulationSize } from './population.js';

export interface StageOptions extends PopulationSize {
  /** Where the ledger leaves a CPU profile when it ends; null: it is not profiled. */
  readonly profileDir: string | null;
  /** Address of the EventStoreDB that keeps the event log; absent: it is in PostgreSQL. */
  readonly eventStore?: string;
}

/** A ledger that has tokens and credits, beside a bare echo, each in a process of its own. */
export interface VerifyStage {
  readonly ledger: ChildLedger;
  readonly echo: ChildServer;
  readonly population: Population;
  /** Uses that were charged to see that they are. */
  readonly sampled: number;
  /** Bodies of charged checks, one of each token. */
  readonly bodies: readonly string[];
}

const SAMPLES = 8;

/** Starts both and sees that uses are accepted and charged. */
export async function startStage(cleanUp: CleanUp, options: StageOptions): Promise<VerifyStage> {
  const ledger = await startLedger(cleanUp, options.profileDir, options.eventStore ?? null);
  const echo = await startEcho(cleanUp);
  const population = await createPopulation(ledger.admin, options);
  const { tokens } = population;
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    await requireCharged(ledger.admin, tokens[Math.floor((sample * tokens.length) / SAMPLES)]);
  }
  const bodies = tokens.map(({ secret }) => JSON.stringify(chargedUse(secret)));
  return { ledger, echo, population, sampled: SAMPLES, bodies };
}
