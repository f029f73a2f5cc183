import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, REDIS } from '#libs/kernel/testing';
import { BadUsage, readOptions, wholeNumber } from '../../benchmarks/support/options.js';
import { CLUSTER_FAULTS } from './faults.js';
import { type ClusterResult, runCluster } from './run-cluster.js';

const OPTIONS = {
  rounds: { value: '3', help: 'how often each fault is made' },
  seed: { value: '1', help: 'of the traffic, and of which of two is killed' },
  between: { value: '1500', help: 'milliseconds of load between two faults' },
  only: { value: CLUSTER_FAULTS.join(','), help: 'faults, separated by commas; none that cannot be made is' },
  revokers: { value: '3', help: 'callers that make tokens, use them and revoke them' },
  revocations: { value: '0', help: 'tokens to revoke under load, at least' },
  minutes: { value: '60', help: 'the load ends after so many minutes, however many were revoked' },
  'event-store': { value: '', help: 'connection string of the EventStoreDB to keep the log in; PostgreSQL when empty' },
};

type Given = Readonly<Record<keyof typeof OPTIONS, string>>;

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
  print(`${name}: ${latenessOf(counts.latestAcceptanceMs)}`);
  for (const { kind, detail } of violations) print(`VIOLATION ${kind}: ${detail}`);
  print(`${name}: ${violations.length === 0 ? 'no violation' : `${violations.length} violations`}`);
}

function latenessOf(latestMs: number): string {
  if (latestMs === 0) return 'no token was accepted by a check that began after its revocation was acknowledged';
  return `the latest acceptance began ${latestMs.toFixed(1)} ms after its revocation was acknowledged`;
}

async function runOn(name: string, eventStoreUrl: string | null, given: Given): Promise<boolean> {
  const historyPath = join(tmpdir(), `ledger-cluster-${process.pid}-${name.replaceAll(/\W/g, '')}.ndjson`);
  print(`${name}: two api, two worker, two projector; history in ${historyPath}`);
  const began = performance.now();
  const result = await runCluster({
    rounds: wholeNumber('rounds', given.rounds, 0),
    kinds: CLUSTER_FAULTS.filter((kind) => given.only.split(',').includes(kind)),
    revocations: wholeNumber('revocations', given.revocations, 0),
    withinMs: wholeNumber('minutes', given.minutes) * 60_000,
    nodesUrl: process.env['TEST_SERVER_NODES'] ?? null,
    seed: wholeNumber('seed', given.seed, 0),
    betweenMs: wholeNumber('between', given.between, 0),
    load: { users: 6, bookers: 2, revokers: wholeNumber('revokers', given.revokers), paceMs: 40 },
    eventStoreUrl,
    historyPath,
    say: (line) => print(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`),
  });
  tell(name, result);
  return result.violations.length === 0;
}

async function main(args: readonly string[]): Promise<Tally> {
  const given = readOptions(OPTIONS, args);
  const tally = { passed: 0, failed: 0, skipped: 0 };
  const count = (isSound: boolean) => void (isSound ? (tally.passed += 1) : (tally.failed += 1));
  if (!isInstalled(REDIS))
    print('SKIPPED killRedis: redis-server is not installed, so the jobs are queued in PostgreSQL');
  const url = given['event-store'];
  if (url !== '') count(await runOn('on EventStoreDB', url, given));
  else {
    count(await runOn('on the PostgreSQL log', null, given));
    print('SKIPPED on EventStoreDB: it is not named (--event-store)');
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
