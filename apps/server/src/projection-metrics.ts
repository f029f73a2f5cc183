import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ProjectionReport } from '#libs/projections';

const BATCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What the engine of the read models does, from its reports. */
export class ProjectionMetrics {
  private readonly events = new Counter({
    name: 'token_ledger_projection_events_total',
    help: 'Events that the read models have folded in this server',
    registers: [],
  });
  private readonly batch = new Histogram({
    name: 'token_ledger_projection_batch_duration_seconds',
    help: 'Duration of batches of the read models, each one transaction',
    buckets: BATCH_SECONDS,
    registers: [],
  });
  private readonly retries = new Counter({
    name: 'token_ledger_projection_retries_total',
    help: 'Steps of the read models that failed and were tried again',
    registers: [],
  });

  private readonly turns = new Counter({
    name: 'token_ledger_projector_turns_total',
    help: 'How often this projector has begun to follow the log in place of another',
    registers: [],
  });

  note(report: ProjectionReport): void {
    if (report.kind === 'turnBegan') this.turns.inc();
    if (report.kind === 'retrying') this.retries.inc();
    if (report.kind !== 'applied') return;
    this.events.inc(report.events);
    this.batch.observe(report.durationMs / 1000);
  }

  addTo(registry: Registry, isFollowing: () => boolean): void {
    for (const metric of [this.events, this.batch, this.retries, this.turns]) registry.registerMetric(metric);
    new Gauge({
      name: 'token_ledger_projector_active',
      help: 'Whether this process follows the log for the read models: 1 for one of the projectors, 0 for the others',
      registers: [registry],
      collect() {
        this.set(isFollowing() ? 1 : 0);
      },
    });
  }
}
