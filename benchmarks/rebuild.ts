import 'reflect-metadata';
import { startInProcess } from './support/in-process-ledger.js';
import { describeMachine, machineLine } from './support/machine.js';
import { type HistoryOptions, MixedHistory } from './support/mixed-history.js';
import { readOptions, wholeNumber } from './support/options.js';
import { differencesOf, type Rebuilt, Rebuilding } from './support/rebuilding.js';
import { BenchmarkFailed, runBenchmark } from './support/run-benchmark.js';
import { median } from './support/statistics.js';
import { cellOf, tableOf } from './support/table.js';

/**
 * `npm run bench -- rebuild`: fills a ledger, empties all read models and rebuilds them from the log. Fails when a single
 * row differs.
 */
await runBenchmark('rebuild', async (cleanUp, args) => {
  const given = readOptions(
    {
      events: { value: '100000', help: 'events to rebuild from, at least' },
      rounds: { value: '3', help: 'rebuilds' },
      tokens: { value: '1000', help: 'tokens' },
      organizations: { value: '50', help: 'organizations' },
      callers: { value: '64', help: 'callers that fill the ledger' },
    },
    args,
  );
  const number = (name: keyof typeof given): number => wholeNumber(name, given[name]);
  const machine = describeMachine();
  console.log(machineLine(machine));
  const ledger = await startInProcess(cleanUp);
  const rebuilding = Rebuilding.open(cleanUp, ledger);
  const size: HistoryOptions = {
    events: number('events'),
    tokens: number('tokens'),
    organizations: number('organizations'),
    callers: number('callers'),
  };
  const filled = await measureFilling(() => MixedHistory.fill(ledger, size), rebuilding);
  const rounds: Rebuilt[] = [];
  for (let round = 0; round < number('rounds'); round += 1) {
    rounds.push(await rebuilding.rebuild());
    print(rounds.at(-1) as Rebuilt, round);
  }
  const differing = [...new Set(rounds.flatMap(differencesOf))];
  if (differing.length > 0) throw new BenchmarkFailed(`not the same after a rebuild: ${differing.join(', ')}`);
  const rates = rounds.map(rateOf);
  console.log(`\n  all read models identical, row for row; median ${cellOf(Math.round(median(rates)))} events/s`);
  return {
    machine,
    ...filled,
    identical: true,
    medianEventsPerSecond: Math.round(median(rates)),
    rounds: rounds.map(({ result }) => ({ events: result.events, durationMs: Math.round(result.durationMs) })),
    readModels: rounds[0]?.after.map(({ projection, rows }) => ({ projection, rows })),
  };
});

/** Fills the ledger and waits until the read models have followed. */
async function measureFilling(fill: () => Promise<number>, rebuilding: Rebuilding): Promise<object> {
  const began = performance.now();
  const events = await fill();
  const filledMs = performance.now() - began;
  await rebuilding.untilLive();
  const liveMs = performance.now() - began - filledMs;
  console.log(
    `\n${cellOf(events)} events in ${cellOf(filledMs / 1000)} s; read models live ${cellOf(liveMs / 1000)} s later`,
  );
  return { events, filledMs: Math.round(filledMs), liveAfterMs: Math.round(liveMs) };
}

function rateOf({ result }: Rebuilt): number {
  return result.events / (result.durationMs / 1000);
}

function print(rebuilt: Rebuilt, round: number): void {
  const { result, before, after } = rebuilt;
  const differing = differencesOf(rebuilt);
  if (round === 0 || differing.length > 0) {
    const rows = before.map(({ projection, table, rows: count, digest }, index) => [
      projection,
      table,
      count,
      after[index]?.rows ?? 0,
      digest.slice(0, 12),
      (after[index]?.digest ?? '').slice(0, 12),
      differing.includes(projection) ? 'DIFFERENT' : 'identical',
    ]);
    console.log(`\n${tableOf(['read model', 'table', 'rows', 'rebuilt', 'digest', 'rebuilt', ''], rows)}\n`);
  }
  const seconds = cellOf(result.durationMs / 1000);
  console.log(
    `  rebuild ${round + 1}: ${cellOf(result.events)} events in ${seconds} s, ${cellOf(rateOf(rebuilt))} events/s`,
  );
}
