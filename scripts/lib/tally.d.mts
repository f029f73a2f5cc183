export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  unselected: number;
}

export interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: { testResults: { status: string; fullName: string }[] }[];
}

export function tally(results: JestResults, namePattern?: string): Tally;
export interface JestRun {
  exitCode: number;
  counts: Tally | undefined;
}

export function sumOf(runs: readonly JestRun[]): JestRun;
export function closingLines(counts: Tally | undefined, exitCode: number): string[];
