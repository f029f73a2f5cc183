/** The middle value; of an even number of values the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Median and 99th percentile, in the unit of the values. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const at = percentileOf(values);
  return { p50: at(0.5), p99: at(0.99) };
}

/** Tells the value that so large a share of them does not exceed (nearest rank), in their unit. NaN of none. */
export function percentileOf(values: readonly number[]): (share: number) => number {
  const sorted = Float64Array.from(values).sort();
  return (share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Rounded to so many decimals, for the line that machines read. */
export function rounded(value: number, decimals = 3): number {
  return Number(value.toFixed(decimals));
}
