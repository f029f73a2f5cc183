import { HOUR_MS } from '#libs/kernel';
import { type Calendar, HISTORY_DAYS } from './calendar.js';
import type { SeededRandom } from './seeded-random.js';
import type { Call, Workload } from './workload.js';

export interface PlannedUse {
  readonly call: Call;
  /** Milliseconds after the use before it. */
  readonly gapMs: number;
}

/** Uses of one token by one client within a minute or so. */
export interface Burst {
  /** Epoch ms. */
  readonly at: number;
  readonly workload: Workload;
  readonly ip: string;
  readonly uses: PlannedUse[];
}

const GAP_MS = [60, 2_800] as const;
/** The load grows from this share of its rate to as much above it. */
const GROWTH_FROM = 0.7;
const WEEKEND_SHARE = 0.5;
/** Tokens are made in the morning, so nothing uses them on their first day before this hour. */
const FIRST_USE_HOUR = 11;
/** Longer than any burst lasts, so that none runs into the next hour. */
const BURST_MS_MAX = 180_000;

/** Bursts of all workloads, with exactly `total` uses together. */
export function planBursts(
  workloads: readonly Workload[],
  calendar: Calendar,
  draw: SeededRandom,
  total: number,
): Burst[] {
  const bursts = workloads.flatMap((workload) => burstsOf(workload, calendar, draw));
  fitTo(bursts, total, draw);
  return bursts;
}

/** `count` of these calls in a row. */
export function usesOf(calls: readonly Call[], count: number, draw: SeededRandom): PlannedUse[] {
  return Array.from({ length: count }, () => ({ call: draw.pick(calls), gapMs: draw.int(...GAP_MS) }));
}

function burstsOf(workload: Workload, calendar: Calendar, draw: SeededRandom): Burst[] {
  const [first, last] = workload.days;
  const bursts: Burst[] = [];
  for (let day = first; day <= last; day += 1) {
    const share = calendar.isWeekend(day) ? (workload.weekend ?? WEEKEND_SHARE) : 1;
    const count = draw.count(workload.rate * share * growthOn(day));
    for (let index = 0; index < count; index += 1) bursts.push(burstOn(day, workload, calendar, draw));
  }
  return bursts;
}

function growthOn(day: number): number {
  return GROWTH_FROM + (day / HISTORY_DAYS) * 2 * (1 - GROWTH_FROM);
}

function burstOn(day: number, workload: Workload, calendar: Calendar, draw: SeededRandom): Burst {
  const [from, to] = workload.hours;
  const hour = day === workload.days[0] ? Math.max(from, FIRST_USE_HOUR) : from;
  const sinceMidnightMs = draw.int(hour * HOUR_MS, (Math.max(hour, to) + 1) * HOUR_MS - BURST_MS_MAX);
  const uses = usesOf(workload.calls, draw.int(...workload.burst), draw);
  return { at: calendar.after(day, sinceMidnightMs), workload, ip: draw.pick(workload.ips), uses };
}

/** Makes bursts longer or shorter by single uses until there are `total` uses. */
function fitTo(bursts: readonly Burst[], total: number, draw: SeededRandom): void {
  let planned = bursts.reduce((sum, { uses }) => sum + uses.length, 0);
  while (planned !== total) {
    const { uses, workload } = draw.pick(bursts);
    const before = uses.length;
    if (planned < total) uses.push(...usesOf(workload.calls, 1, draw));
    else if (before > 1) uses.pop();
    planned += uses.length - before;
  }
}
