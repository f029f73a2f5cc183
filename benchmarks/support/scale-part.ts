import { type ChildLedger, startLedger, startLedgerOn } from './child-server.js';
import { chargedUse, requireCharged } from './charged-use.js';
import type { CleanUp } from './clean-up.js';
import { startInProcess } from './in-process-ledger.js';
import { createMassTokens } from './mass-tokens.js';
import { createOrganizations, createPopulation, type MintedSecret } from './population.js';
import { untilCaughtUp } from './read-model-lag.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { printScale, type ScaleOptions, type ScaleRound, scaleResultOf, type Start } from './scale-report.js';
import { readServerMemory, type ServerMemory } from './server-memory.js';
import { shuffled } from './shuffled.js';
import { cellOf } from './table.js';
import { type LoadResult, requireWrk, runLoad, writeLoadScript } from './wrk.js';

/** The ledger that the large one is compared with, and the part of the large one that is used as the small one is. */
const SMALL = { tokens: 1_000, organizations: 20 } as const;
/** Tokens of each organization that a load over all of them uses. */
const SPREAD = 2;

export interface LargeLedger {
  readonly dataDir: string;
  /** As many of as few organizations as the small ledger has. */
  readonly near: readonly MintedSecret[];
  /** A few of every organization. */
  readonly spread: readonly MintedSecret[];
}

type LoadOf = () => Promise<LoadResult>;

/** Fills a large ledger, starts it, and loads it in turn with a small one. */
export async function measureScale(cleanUp: CleanUp, options: ScaleOptions): Promise<object> {
  requireWrk();
  const large = await fillLarge(cleanUp, options);
  const starts: Start[] = [];
  let ledger: ChildLedger | null = null;
  for (let start = 0; start < options.starts; start += 1) {
    await ledger?.stop();
    const began = performance.now();
    ledger = await startLedgerOn(cleanUp, large.dataDir, null);
    const listeningMs = performance.now() - began;
    await requireCharged(ledger.admin, large.spread.at(-1));
    starts.push({ listeningMs, answeredMs: performance.now() - began });
  }
  if (ledger === null) throw new BenchmarkFailed('the large ledger was never started');
  await untilCaughtUp(ledger.admin);
  const idle = await readServerMemory(ledger);
  const rounds = await measureRounds(cleanUp, { options, ledger, large });
  const memory: { idle: ServerMemory; loaded: ServerMemory } = { idle, loaded: await readServerMemory(ledger) };
  const measured = { starts, memory, rounds };
  printScale(measured, options);
  await cleanUp.run();
  return scaleResultOf(measured, options);
}

async function fillLarge(cleanUp: CleanUp, { tokens, organizations }: ScaleOptions): Promise<LargeLedger> {
  const perOrganization = Math.ceil(tokens / organizations);
  const perNear = Math.min(perOrganization, SMALL.tokens / SMALL.organizations);
  const ledger = await startInProcess(cleanUp);
  const began = performance.now();
  const { projections } = ledger.services.store;
  const paying = await createOrganizations(ledger.admin, organizations);
  await projections.stop();
  const organizationsMs = performance.now() - began;
  const secrets = await createMassTokens(
    ledger,
    paying.map(({ uid }) => uid),
    { perOrganization, secretsOf: (number) => (number < SMALL.organizations ? perNear : SPREAD) },
  );
  const tokensMs = performance.now() - began - organizationsMs;
  // So much at once is read in longer than a check may wait.
  await ledger.services.verification.barrier.warmUp();
  await projections.start();
  await untilCaughtUp(ledger.admin);
  const liveMs = performance.now() - began - organizationsMs - tokensMs;
  await ledger.stop();
  console.log(
    `\n${cellOf(organizations)} organizations in ${cellOf(organizationsMs / 1000)} s, ` +
      `${cellOf(perOrganization * organizations)} tokens in ${cellOf(tokensMs / 1000)} s, ` +
      `read models live ${cellOf(liveMs / 1000)} s later`,
  );
  const nearCount = perNear * Math.min(organizations, SMALL.organizations);
  const near = secrets.slice(0, nearCount);
  const spread = [...near.filter((_, index) => index % perNear < SPREAD), ...secrets.slice(nearCount)];
  return { dataDir: ledger.dataDir, near, spread };
}

interface RoundParts {
  readonly options: ScaleOptions;
  readonly ledger: ChildLedger;
  readonly large: LargeLedger;
}

async function measureRounds(cleanUp: CleanUp, { options, ledger, large }: RoundParts): Promise<ScaleRound[]> {
  const small = await startLedger(cleanUp, null);
  const { tokens } = await createPopulation(small.admin, SMALL);
  const folder = { small: await cleanUp.temporaryFolder('small'), near: await cleanUp.temporaryFolder('near') };
  const loads: Record<keyof ScaleRound, LoadOf> = {
    small: await loadOn(cleanUp, { ledger: small, tokens, options, folder: folder.small }),
    near: await loadOn(cleanUp, { ledger, tokens: large.near, options, folder: folder.near }),
    spread: await loadOn(cleanUp, {
      ledger,
      tokens: large.spread,
      options,
      folder: await cleanUp.temporaryFolder('spread'),
    }),
  };
  // What runs for the first time is compiled first, and accounts that were never used are read once.
  for (const load of Object.values(loads)) await load();
  await untilCaughtUp(ledger.admin);
  const rounds: ScaleRound[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const small = await loads.small();
    const near = await loads.near();
    await untilCaughtUp(ledger.admin);
    const spread = await loads.spread();
    await untilCaughtUp(ledger.admin);
    rounds.push({ small, near, spread });
  }
  return rounds;
}

interface LoadParts {
  readonly ledger: ChildLedger;
  readonly tokens: readonly MintedSecret[];
  readonly options: ScaleOptions;
  readonly folder: string;
}

/** A load of charged uses, of the tokens in turn; every answer must be 2xx, and a sample of them accepted. */
async function loadOn(cleanUp: CleanUp, { ledger, tokens, options, folder }: LoadParts): Promise<LoadOf> {
  await requireCharged(ledger.admin, tokens[0]);
  await requireCharged(ledger.admin, tokens[Math.floor(tokens.length / 2)]);
  const bodies = shuffled(tokens).map(({ secret }) => JSON.stringify(chargedUse(secret)));
  const script = await writeLoadScript(folder, { bearer: ledger.admin.token, bodies });
  const { seconds, connections } = options;
  const { url } = ledger.admin;
  return () => runLoad(cleanUp, { name: 'scale', script, url, path: '/v1/verify', seconds, connections });
}
