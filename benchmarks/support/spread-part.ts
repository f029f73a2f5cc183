import { type ChildLedger, startLedgerOn } from './child-server.js';
import { chargedUse, requireCharged } from './charged-use.js';
import type { CleanUp } from './clean-up.js';
import { startInProcess } from './in-process-ledger.js';
import { type LedgerCpu, watchCpu } from './ledger-cpu.js';
import { createMassTokens } from './mass-tokens.js';
import { createOrganizations, type MintedSecret } from './population.js';
import { readLag, untilCaughtUp } from './read-model-lag.js';
import { shuffled } from './shuffled.js';
import { median, rounded } from './statistics.js';
import { cellOf, tableOf } from './table.js';
import { type LoadResult, requireWrk, runLoad, writeLoadScript } from './wrk.js';

export interface SpreadOptions {
  /** Accounts of the load that is spread. */
  readonly organizations: number;
  /** Tokens of either load. */
  readonly tokens: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

interface Measured {
  readonly load: LoadResult;
  readonly lagSeconds: number;
  /** A check, up to where the read models have caught up. */
  readonly cpu: LedgerCpu;
}

interface Round {
  readonly one: Measured;
  readonly spread: Measured;
}

type LoadOf = () => Promise<Measured>;

/** What very many accounts may take of the rate. */
const TARGET_RATIO = 0.85;
const KINDS = ['one', 'spread'] as const;

/** Measures charged checks of very many accounts as a share of those of one account, with as many tokens. */
export async function measureSpread(cleanUp: CleanUp, options: SpreadOptions): Promise<object> {
  requireWrk();
  const { dataDir, one, spread } = await fill(cleanUp, options);
  const ledger = await startLedgerOn(cleanUp, dataDir, null);
  const loads: Record<keyof Round, LoadOf> = {
    one: await loadOf(cleanUp, { ledger, tokens: one, options }),
    spread: await loadOf(cleanUp, { ledger, tokens: spread, options }),
  };
  // What runs for the first time is compiled first, and accounts that were never used are read once.
  for (const kind of KINDS) await loads[kind]();
  await loads.spread();
  const rounds: Round[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    rounds.push({ one: await loads.one(), spread: await loads.spread() });
  }
  print(rounds, options);
  await cleanUp.run();
  return resultOf(rounds, options);
}

interface Filled {
  readonly dataDir: string;
  /** All of one organization. */
  readonly one: readonly MintedSecret[];
  /** As many, spread over all organizations. */
  readonly spread: readonly MintedSecret[];
}

async function fill(cleanUp: CleanUp, { organizations, tokens }: SpreadOptions): Promise<Filled> {
  const ledger = await startInProcess(cleanUp);
  const [single, ...others] = (await createOrganizations(ledger.admin, organizations + 1)).map(({ uid }) => uid);
  const one = await createMassTokens(ledger, [single ?? ''], { perOrganization: tokens, secretsOf: () => tokens });
  const perOrganization = Math.max(1, Math.ceil(tokens / organizations));
  const size = { perOrganization, secretsOf: () => perOrganization };
  const spread = await createMassTokens(ledger, others, size);
  // So much at once is read in longer than a check may wait.
  await ledger.services.verification.barrier.warmUp();
  await untilCaughtUp(ledger.admin);
  await ledger.stop();
  return { dataDir: ledger.dataDir, one, spread };
}

interface LoadParts {
  readonly ledger: ChildLedger;
  readonly tokens: readonly MintedSecret[];
  readonly options: SpreadOptions;
}

async function loadOf(cleanUp: CleanUp, { ledger, tokens, options }: LoadParts): Promise<LoadOf> {
  const { admin } = ledger;
  await requireCharged(admin, tokens[0]);
  await requireCharged(admin, tokens.at(-1));
  const bodies = shuffled(tokens).map(({ secret }) => JSON.stringify(chargedUse(secret)));
  const script = await writeLoadScript(await cleanUp.temporaryFolder('spread'), { bearer: admin.token, bodies });
  const { seconds, connections } = options;
  return async () => {
    const cpuOf = await watchCpu(ledger);
    const at = { url: admin.url, path: '/v1/verify', seconds, connections };
    const load = await runLoad(cleanUp, { name: 'spread', script, ...at });
    const { seconds: lagSeconds } = await readLag(admin);
    await untilCaughtUp(admin);
    return { load, lagSeconds, cpu: await cpuOf(load.requests) };
  };
}

const ratioOf = ({ one, spread }: Round): number => spread.load.perSecond / one.load.perSecond;

function print(rounds: readonly Round[], { organizations, tokens, connections, seconds }: SpreadOptions): void {
  console.log(
    `\nPOST /v1/verify, durable, with a charge; ${cellOf(tokens)} tokens of one account and of ` +
      `${cellOf(organizations)} accounts; wrk -t1 -c${connections}, ${seconds} s each, in turn\n`,
  );
  const headings = [
    'round',
    'ratio',
    'one/s',
    'spread/s',
    'one p99 ms',
    'spread p99 ms',
    'one CPU µs',
    'spread CPU µs',
  ];
  const cpuCell = ({ cpu }: Measured): string => `${cellOf(cpu.node)} + ${cellOf(cpu.postgres)}`;
  const rows = rounds.map((round, index) => {
    const { one, spread } = round;
    const measured = [one.load.perSecond, spread.load.perSecond, one.load.p99Ms, spread.load.p99Ms];
    const lags = [one.lagSeconds, spread.lagSeconds];
    return [`${index + 1}`, ratioOf(round), ...measured, cpuCell(one), cpuCell(spread), ...lags];
  });
  console.log(tableOf([...headings, 'one lag s', 'spread lag s'], rows));
  const ratio = median(rounds.map(ratioOf));
  const verdict = ratio >= TARGET_RATIO ? 'reached' : 'NOT reached';
  console.log(`\n  median ratio of many accounts to one: ${cellOf(ratio)}; ${TARGET_RATIO}: ${verdict}`);
}

function resultOf(rounds: readonly Round[], options: SpreadOptions): object {
  const of = ({ load, lagSeconds, cpu }: Measured): object => ({
    perSecond: Math.round(load.perSecond),
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    lagSeconds,
    cpuMicros: { node: rounded(cpu.node, 1), postgres: rounded(cpu.postgres, 1) },
  });
  return {
    ...options,
    medianRatio: rounded(median(rounds.map(ratioOf))),
    rounds: rounds.map((round) => ({ ratio: rounded(ratioOf(round)), one: of(round.one), spread: of(round.spread) })),
  };
}
