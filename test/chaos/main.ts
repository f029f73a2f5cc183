import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { BadUsage, readOptions, wholeNumber } from '../../benchmarks/support/options.js';
import { FAULT_KINDS, type FaultKind } from './faults/schedule.js';
import { type ChaosResult, runChaos } from './run-chaos.js';

const OPTIONS = {
  faults: { value: '200', help: 'faults to make' },
  seed: { value: '1', help: 'the same seed makes the same faults' },
  minutes: { value: '60', help: 'no new fault after so many minutes' },
  only: { value: FAULT_KINDS.join(','), help: 'kinds of faults, separated by commas' },
  revocations: { value: '10000', help: 'tokens to revoke under load, at least' },
  history: { value: '', help: 'file for the history; one in the temporary folder when empty' },
};

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function kindsOf(text: string): FaultKind[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(FAULT_KINDS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new BadUsage(`there is no fault "${unknown}"; there are: ${FAULT_KINDS.join(', ')}`);
  return names as FaultKind[];
}

function tell({ faults, skipped, violations, ...counts }: ChaosResult): void {
  const made = [...faults].filter(([, count]) => count > 0).map(([kind, count]) => `${kind} ${count}`);
  const total = [...faults.values()].reduce((sum, count) => sum + count, 0);
  print(`faults: ${total} (${made.join(', ')})`);
  if (skipped !== null) print(`SKIPPED ${skipped}`);
  const { attempts, acknowledged, unknown, revocations, bookings, events } = counts;
  print(`attempts: ${attempts}, of which acknowledged ${acknowledged}, without a known outcome ${unknown}`);
  print(`revocations acknowledged: ${revocations}; charges and reversals: ${bookings}; events in the log: ${events}`);
  for (const { kind, detail } of violations) print(`VIOLATION ${kind}: ${detail}`);
  print(violations.length === 0 ? 'no violation' : `${violations.length} violations`);
}

async function main(args: readonly string[]): Promise<number> {
  const given = readOptions(OPTIONS, args);
  const seed = wholeNumber('seed', given.seed, 0);
  const historyPath = given.history || join(tmpdir(), `ledger-chaos-${process.pid}.ndjson`);
  print(`seed ${seed}; history in ${historyPath}`);
  const began = performance.now();
  const result = await runChaos({
    faults: wholeNumber('faults', given.faults),
    seed,
    withinMs: wholeNumber('minutes', given.minutes) * 60_000,
    only: kindsOf(given.only),
    revocations: wholeNumber('revocations', given.revocations, 0),
    betweenMs: 500,
    diskMegabytes: 3_000,
    load: { users: 8, bookers: 2, revokers: 8, paceMs: 40 },
    historyPath,
    say: (line) => print(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${line}`),
  });
  tell(result);
  return result.violations.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(error instanceof BadUsage ? `${error.message}\n` : `${(error as Error).stack}\n`);
  process.exitCode = 2;
}
