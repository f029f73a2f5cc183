import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { EVENT_CONTRACTS, type EventData, type EventType, type NewEvent } from '#libs/contracts';
import { AppendActivity } from '#libs/event-log';

const FLUSH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500];
const FLUSH_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 15];

/**
 * Appends to the log as metrics. Histograms are observed once a flush, events and credits added up in plain numbers: two
 * of them follow from every charged use.
 */
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
  /** From 0 on for every type: what is not there yet is no 0 to an alert. */
  private readonly events = new Map(Object.keys(EVENT_CONTRACTS).map((type) => [type, { count: 0 }]));
  private organizationCredits = 0;
  private userCredits = 0;
  /** To be handed to the log. */
  readonly activity = new AppendActivity(
    ({ requests, durationMs }) => {
      this.duration.observe(durationMs / 1000);
      this.size.observe(requests);
    },
    ({ streams }) => {
      for (const { events } of streams) for (const event of events) this.count(event);
    },
  );

  addTo(registry: Registry): void {
    const { activity } = this;
    for (const metric of [this.duration, this.size]) registry.registerMetric(metric);
    this.addStored(registry);
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

  private addStored(registry: Registry): void {
    const { events } = this;
    new Counter({
      name: 'token_ledger_events_appended_total',
      help: 'Events that this server has stored, by type',
      labelNames: ['type'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [type, { count }] of events) this.inc({ type }, count);
      },
    });
    addTotal(registry, {
      name: 'token_ledger_org_credits_charged_total',
      help: 'Credits that this server has charged to organizations, for uses and by billing calls; reversals not taken off',
      read: () => this.organizationCredits,
    });
    addTotal(registry, {
      name: 'token_ledger_user_credits_charged_total',
      help: 'The same of what users pay themselves',
      read: () => this.userCredits,
    });
  }

  private count({ type, data }: NewEvent): void {
    const counted = this.events.get(type);
    if (counted !== undefined) counted.count += 1;
    if (type === 'OrgCharged') this.organizationCredits += creditsOf(data);
    else if (type === 'UserCharged') this.userCredits += creditsOf(data);
  }
}

/** A metric is a double in any case. */
function creditsOf(data: NewEvent['data']): number {
  return Number((data as EventData<Extract<EventType, 'OrgCharged' | 'UserCharged'>>).amount);
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
