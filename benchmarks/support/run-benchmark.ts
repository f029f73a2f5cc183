import { CleanUp } from './clean-up.js';
import { BadUsage } from './options.js';

/** What is wrong with the ledger or with the machine, in a sentence; the benchmark ends with 1. */
export class BenchmarkFailed extends Error {
  override name = 'BenchmarkFailed';
}

/**
 * Runs a benchmark from its arguments to its exit code. The last line of its output is one JSON object, for programs.
 */
export async function runBenchmark(
  name: string,
  measure: (cleanUp: CleanUp, args: readonly string[]) => Promise<object>,
): Promise<void> {
  const cleanUp = new CleanUp();
  let exitCode = 0;
  try {
    const result = await measure(cleanUp, process.argv.slice(2));
    process.stdout.write(`\n${JSON.stringify({ benchmark: name, ...result })}\n`);
  } catch (error) {
    if (cleanUp.isCalledOff) return;
    const isExplained = error instanceof BenchmarkFailed || error instanceof BadUsage;
    console.error(isExplained ? error.message : error);
    exitCode = error instanceof BadUsage ? 2 : 1;
  }
  await cleanUp.run();
  process.exit(exitCode);
}
