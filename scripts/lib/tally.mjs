// Counts the tests of a run, so that its last line says no more and no less than what happened.

/**
 * From Jest's aggregated result: `passed`, `failed`, `skipped`, and beside them `unselected`, the tests that a name
 * pattern (`-t`) left out because nobody asked for them. A file that could not be run counts as one failed test.
 */
export function tally(results, namePattern) {
  const selected = namePattern ? new RegExp(namePattern, 'i') : undefined;
  const isSelected = (test) => selected === undefined || selected.test(test.fullName);
  const notRun = results.testResults
    .flatMap((file) => file.testResults)
    .filter((test) => test.status !== 'passed' && test.status !== 'failed');
  const skipped = notRun.filter(isSelected).length;
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped,
    unselected: notRun.length - skipped,
  };
}

/** Several runs of Jest as one: without counts where one of them has none. */
export function sumOf(runs) {
  const exitCode = runs.find((run) => run.exitCode !== 0)?.exitCode ?? 0;
  const all = runs.map(({ counts }) => counts);
  if (all.includes(undefined)) return { exitCode, counts: undefined };
  const total = (name) => all.reduce((sum, counts) => sum + counts[name], 0);
  const names = ['passed', 'failed', 'skipped', 'unselected'];
  return { exitCode, counts: Object.fromEntries(names.map((name) => [name, total(name)])) };
}

/** What to print at the end, the closing line last. `counts` is undefined when Jest ended before it had a result. */
export function closingLines(counts, exitCode) {
  if (counts === undefined && exitCode === 0) return [];
  const { passed, failed, skipped, unselected } = counts ?? { passed: 0, failed: 0, skipped: 0, unselected: 0 };
  const lines = [];
  if (unselected > 0) lines.push(`${unselected} tests were left out, because their name does not match`);
  // No test failed and yet the run did: no test was found, say, or an open handle was. That is a failure too.
  const unexplained = exitCode !== 0 && failed === 0;
  if (unexplained) lines.push(`Jest ended with code ${exitCode} although no test failed: counted as one failure`);
  return [...lines, `${passed} passed, ${unexplained ? 1 : failed} failed, ${skipped} skipped`];
}
