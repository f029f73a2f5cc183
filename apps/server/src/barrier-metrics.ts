import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BarrierRead } from '#libs/verification';

const READ_SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2];

/** Reads of the head of the log that confirm checks. Observed once a read, whatever the number of checks that share it. */
export class BarrierMetrics {
  private lastConfirmedAt: number | null = null;
  private readonly duration = new Histogram({
    name: 'token_ledger_barrier_read_duration_seconds',
    help: 'Duration of reads of the head of the log, with the folding of what they showed',
    buckets: READ_SECONDS,
    registers: [],
  });
  private readonly checks = new Counter({
    name: 'token_ledger_barrier_checks_total',
    help: 'Checks that were confirmed, or refused, by a read of the head of the log',
    labelNames: ['result'],
    registers: [],
  });

  /** To be told of each read. */
  readonly onRead = ({ checks, startedAt, durationMs, confirmed }: BarrierRead): void => {
    this.duration.observe(durationMs / 1000);
    this.checks.inc({ result: confirmed ? 'confirmed' : 'refused' }, checks);
    if (confirmed) this.lastConfirmedAt = startedAt;
  };

  addTo(registry: Registry): void {
    // What is not there yet is no 0 to an alert.
    for (const result of ['confirmed', 'refused']) this.checks.inc({ result }, 0);
    for (const metric of [this.duration, this.checks]) registry.registerMetric(metric);
    const ageMs = () => (this.lastConfirmedAt === null ? 0 : performance.now() - this.lastConfirmedAt);
    new Gauge({
      name: 'token_ledger_barrier_age_seconds',
      help: 'Time since the last read that confirmed checks began; grows while nobody asks, too',
      registers: [registry],
      collect() {
        this.set(ageMs() / 1000);
      },
    });
  }
}
