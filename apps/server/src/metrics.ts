import { Gauge } from 'prom-client';
import type { MetricsRegistry } from '#libs/http';
import { addTotal } from './append-metrics.js';
import type { ProjectionStatus } from '#libs/projections';
import type { Services } from './services.js';

/** Everything that the ledger tells of itself, besides its HTTP server and its process. */
export function addLedgerMetrics(registry: MetricsRegistry, services: Services): void {
  const { store, verification } = services;
  store.metrics.appends.addTo(registry);
  store.metrics.projections.addTo(registry);
  verification.metrics.barrier.addTo(registry);
  verification.metrics.verdicts.addTo(registry);
  addRefusalMetrics(registry, services);
  new Gauge({
    name: 'token_ledger_tokens',
    help: 'Tokens in memory, whatever their status',
    registers: [registry],
    collect() {
      this.set(verification.state.tokenCount);
    },
  });
  addReadModelMetrics(registry, services);
}

/** Floods of made-up tokens are counted and sampled: these tell how many there were, and how many sources. */
function addRefusalMetrics(registry: MetricsRegistry, { verification }: Services): void {
  const { unnamed } = verification.refusals;
  addTotal(registry, {
    name: 'token_ledger_unnamed_refusals_total',
    help: 'Refusals where no token can be named; recorded as the first of a source, code and minute, and counts',
    read: () => unnamed.counted,
  });
  new Gauge({
    name: 'token_ledger_unnamed_refusal_sources',
    help: 'Sources and codes of such refusals that are told apart in the minute under way, at most about 1,000',
    registers: [registry],
    collect() {
      this.set(unnamed.sources);
    },
  });
}

/** Each gauge reads for itself, or it would show what the scrape before has found; all of a scrape share one look. */
function addReadModelMetrics(registry: MetricsRegistry, { store }: Services): void {
  const look = sharedWhileUnderWay(() => store.projections.status());
  const addGauge = (suffix: string, help: string, read: (status: ProjectionStatus) => number) =>
    new Gauge({
      name: `token_ledger_projection_${suffix}`,
      help,
      labelNames: ['name'],
      registers: [registry],
      async collect() {
        for (const status of await look()) this.set({ name: status.name }, read(status));
      },
    });
  addGauge('lag_events', 'Events that a read model has still to fold, counted up to 10,000', (it) => it.lagEvents);
  addGauge('lag_seconds', 'Age of the oldest event that a read model has still to fold', (it) => it.lagSeconds);
  addGauge('position', 'Position of the last event that a read model has folded', (it) => Number(it.position));
  addGauge('dead_letters', 'Events that a read model could not fold', (it) => it.deadLetters);
  new Gauge({
    name: 'token_ledger_log_position',
    help: 'Position of the last event of the log',
    registers: [registry],
    async collect() {
      this.set(Number((await store.log.heads()).all));
    },
  });
}

function sharedWhileUnderWay<T>(read: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | null = null;
  return () =>
    (underWay ??= read().finally(() => {
      underWay = null;
    }));
}
