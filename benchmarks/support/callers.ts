import { type Percentiles, percentilesOf } from './statistics.js';

export interface CallersResult extends Percentiles {
  /** Calls that were answered. */
  readonly calls: number;
  readonly seconds: number;
}

/** Lets so many callers call `work` one time after the other, and stops calling after some seconds. Latencies are ms. */
export async function runCallers(
  callers: number,
  seconds: number,
  work: (caller: number, call: number) => Promise<void>,
): Promise<CallersResult> {
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  const call = async (caller: number): Promise<void> => {
    for (let number = 0; performance.now() < until; number += 1) {
      const asked = performance.now();
      await work(caller, number);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return { calls: latencies.length, seconds: (performance.now() - began) / 1000, ...percentilesOf(latencies) };
}
