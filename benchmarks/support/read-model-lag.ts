import { setTimeout as pause } from 'node:timers/promises';
import { LAG_EVENTS_MAX } from '#libs/projections';
import type { ApiClient } from './api-client.js';
import { BenchmarkFailed } from './run-benchmark.js';
import { cellOf } from './table.js';

/** How far the slowest read model is behind the log. */
export interface Lag {
  /** Counted up to `LAG_EVENTS_MAX`. */
  readonly events: number;
  readonly seconds: number;
}

const BETWEEN_MS = 20;
const CAUGHT_UP_WITHIN_MS = 600_000;

/** The lag as the ledger tells it. Throws BenchmarkFailed when a read model could not fold an event. */
export async function readLag(admin: ApiClient): Promise<Lag> {
  const { data } = await admin.get('/v1/projections');
  const statuses = data as { name: string; lagEvents: number; lagSeconds: number; deadLetters: number }[];
  const broken = statuses.find(({ deadLetters }) => deadLetters > 0);
  if (broken !== undefined) throw new BenchmarkFailed(`the read model ${broken.name} has dead letters`);
  return {
    events: Math.max(...statuses.map(({ lagEvents }) => lagEvents)),
    seconds: Math.max(...statuses.map(({ lagSeconds }) => lagSeconds)),
  };
}

/** Waits until every read model is at the head of the log; returns how long that took. */
export async function untilCaughtUp(admin: ApiClient): Promise<number> {
  const began = performance.now();
  while ((await readLag(admin)).events > 0) {
    if (performance.now() - began > CAUGHT_UP_WITHIN_MS) throw new BenchmarkFailed('the read models do not catch up');
    await pause(BETWEEN_MS);
  }
  return (performance.now() - began) / 1000;
}

/** The number of events for people; with a sign where it was not counted to the end. */
export function lagCell({ events }: Lag): string {
  return events < LAG_EVENTS_MAX ? cellOf(events) : `${cellOf(LAG_EVENTS_MAX)}+`;
}
