import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { AppendActivity } from '#libs/event-log';

const FLUSH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const FLUSH_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/** Appends to the log as metrics. Observed once a flush; the rest are numbers that are read when they are asked for. */
export class AppendMetrics {
  private readonly duration = new Histogram({
    name: 'token_ledger_append_duration_seconds',
    help: 'Duration of flushes, from when they were sent until they were known to be on disk',
    buckets: FLUSH_SECONDS,
    registers: [],
  });
  private readonly size = new Histogram({
    name: 'token_ledger_append_flush_requests',
    help: 'Requests that shared a flush',
    buckets: FLUSH_SIZES,
    registers: [],
  });
  private readonly events = new Counter({
    name: 'token_ledger_events_appended_total',
    help: 'Events that this server has stored',
    registers: [],
  });
  /** To be handed to the log. */
  readonly activity = new AppendActivity(({ requests, events, durationMs }) => {
    this.duration.observe(durationMs / 1000);
    this.size.observe(requests);
    this.events.inc(events);
  });

  addTo(registry: Registry): void {
    const { activity } = this;
    for (const metric of [this.duration, this.size, this.events]) registry.registerMetric(metric);
    new Gauge({
      name: 'token_ledger_append_queue_requests',
      help: 'Requests to the log that are not answered yet',
      registers: [registry],
      collect() {
        this.set(activity.waiting);
      },
    });
    addTotal(registry, {
      name: 'token_ledger_append_rejected_total',
      help: 'Requests to the log that were turned away because too many were waiting',
      read: () => activity.rejected,
    });
    addTotal(registry, {
      name: 'token_ledger_append_failures_total',
      help: 'Requests to the log that were given up because the store did not answer',
      read: () => activity.failed,
    });
    addTotal(registry, {
      name: 'token_ledger_append_conflicts_total',
      help: 'Flushes that were sent again because one of their requests was overtaken by another writer',
      read: () => activity.resent,
    });
  }
}

export interface Total {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** A counter that somebody else counts, read when it is asked for. */
export function addTotal(registry: Registry, { name, help, read }: Total): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
