import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreEventLog, START } from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { BadUsage, readOptions, wholeNumber } from '../../benchmarks/support/options.js';
import { CLUSTER_FAULTS } from './faults.js';
import { hasRedis } from '../e2e/support/redis-process.js';
import { type ClusterResult, runCluster } from './run-cluster.js';

const OPTIONS = {
  rounds: { value: '3', help: 'how often each fault is made' },
  seed: { value: '1', help: 'of the traffic, and of which of two is killed' },
  between: { value: '1500', help: 'milliseconds of load between two faults' },
};

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell(name: string, { made, takeOvers, ended, violations, ...counts }: ClusterResult): void {
  const total = [...made.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...made].map(([kind, count]) => `${kind} ${count}`).join(', ');
  print(`${name}: ${total} faults (${kinds})`);
  const slowest = Math.round(Math.max(0, ...takeOvers));
  print(`${name}: ${takeOvers.length} take-overs of the read models, the slowest in ${slowest} ms`);
  const { attempts, acknowledged, unknown, revocations, bookings, events } = counts;
  print(`${name}: ${attempts} attempts, ${acknowledged} acknowledged, ${unknown} without a known outcome`);
  print(
    `${name}: ${revocations} revocations, ${bookings} charges and reversals, ${ended} ends of tokens recorded by jobs`,
  );
  print(`${name}: ${events} events in the log`);
  for (const { kind, detail } of violations) print(`VIOLATION ${kind}: ${detail}`);
  print(`${name}: ${violations.length === 0 ? 'no violation' : `${violations.length} violations`}`);
}

async function runOn(name: string, eventStoreUrl: string | null, args: readonly string[]): Promise<boolean> {
  const given = readOptions(OPTIONS, args);
  const historyPath = join(tmpdir(), `ledger-cluster-${process.pid}-${name.replaceAll(/\W/g, '')}.ndjson`);
  const kinds = CLUSTER_FAULTS.filter((kind) => kind !== 'killRedis' || hasRedis);
  print(`${name}: two api, two worker, two projector; history in ${historyPath}`);
  const began = performance.now();
  const result = await runCluster({
    rounds: wholeNumber('rounds', given.rounds),
    kinds,
    seed: wholeNumber('seed', given.seed, 0),
    betweenMs: wholeNumber('between', given.between, 0),
    load: { users: 6, bookers: 2, revokers: 3, paceMs: 40 },
    eventStoreUrl,
    historyPath,
    say: (line) => print(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`),
  });
  tell(name, result);
  return result.violations.length === 0;
}

/** Null when the cluster can run on it; the reason when it cannot. */
async function whyNotOn(url: string | undefined): Promise<string | null> {
  if (url === undefined || url === '') return 'EVENTSTORE_TEST_URL is not set';
  const log = await EventStoreEventLog.open({ connectionString: url, clock: new SystemClock() });
  try {
    return (await log.heads()).all === START ? null : 'the server of EVENTSTORE_TEST_URL is not empty';
  } finally {
    await log.close();
  }
}

async function main(args: readonly string[]): Promise<Tally> {
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const count = (isSound: boolean) => void (isSound ? (tally.passed += 1) : (tally.failed += 1));
  if (!hasRedis) print('SKIPPED killRedis: redis-server is not installed, so the jobs are queued in PostgreSQL');
  count(await runOn('on the PostgreSQL log', null, args));
  const url = process.env['EVENTSTORE_TEST_URL'];
  const why = await whyNotOn(url);
  if (why === null) count(await runOn('on EventStoreDB', url!, args));
  else {
    print(`SKIPPED on EventStoreDB: ${why}`);
    tally.skipped += 1;
  }
  return tally;
}

try {
  const { passed, failed, skipped } = await main(process.argv.slice(2));
  print(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(error instanceof BadUsage ? `${error.message}\n` : `${(error as Error).stack}\n`);
  print('0 passed, 1 failed, 0 skipped');
  process.exitCode = 2;
}
