import { Gauge } from 'prom-client';
import type { MetricsRegistry } from '#libs/http';
import { within } from '#libs/kernel';
import { addTotal } from './append-metrics.js';
import type { ProjectionStatus } from '#libs/projections';
import type { ServiceWatches } from './service-watches.js';
import type { Services } from './services.js';
import { addTokenMetrics } from './token-metrics.js';

/** Everything that the ledger tells of itself, besides its HTTP server and its process. */
export function addLedgerMetrics(registry: MetricsRegistry, services: Services): void {
  const { store, verification } = services;
  store.metrics.appends.addTo(registry);
  store.metrics.projections.addTo(registry, () => store.projections.isFollowing);
  store.metrics.jobs.addTo(registry);
  verification.metrics.barrier.addTo(registry);
  verification.metrics.verdicts.addTo(registry);
  addRefusalMetrics(registry, services);
  addUsageMetrics(registry, services);
  addTokenMetrics(registry, verification.state, store.clock);
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

/** Uses that were answered before they were recorded: none of a named token ever is. */
function addUsageMetrics(registry: MetricsRegistry, { verification }: Services): void {
  const { metrics, refusals } = verification;
  new Gauge({
    name: 'token_ledger_usage_buffer_events',
    help: 'Uses that are counted in memory and not in the log yet: refusals of a minute that name no token',
    registers: [registry],
    collect() {
      this.set(refusals.unnamed.unrecorded);
    },
  });
  addTotal(registry, {
    name: 'token_ledger_usage_dropped_total',
    help: 'Calls to the ledger that were answered although their use could not be recorded; stays 0 while the log is well',
    read: () => metrics.uses.dropped,
  });
}

/** A scrape that waits longer is given up by whoever scrapes; what is asked goes on and is shared by the next one. */
const LOOK_WITHIN_MS = 2_000;

/**
 * Each gauge reads for itself, or it would show what the scrape before has found; all of a scrape share one look. Where
 * the database does not answer a gauge holds its last value: what can be told without it is told all the same.
 */
function addReadModelMetrics(registry: MetricsRegistry, { store }: Services): void {
  const look = boundedLook(() => store.projections.status());
  const heads = boundedLook(() => store.log.heads());
  const addGauge = (suffix: string, help: string, read: (status: ProjectionStatus) => number) =>
    new Gauge({
      name: `token_ledger_projection_${suffix}`,
      help,
      labelNames: ['name'],
      registers: [registry],
      async collect() {
        for (const status of (await look()) ?? []) this.set({ name: status.name }, read(status));
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
      const found = await heads();
      if (found !== null) this.set(Number(found.all));
    },
  });
  addServiceMetrics(registry, store.watches, { look, heads });
}

/** Whether the services that the ledger stands on answer, by what the scrape itself has asked of them. */
function addServiceMetrics(
  registry: MetricsRegistry,
  watches: ServiceWatches,
  { look, heads }: Record<'look' | 'heads', () => Promise<unknown>>,
): void {
  new Gauge({
    name: 'token_ledger_service_up',
    help: 'Whether the service answers this server: 1, or 0 while it is away',
    labelNames: ['service'],
    registers: [registry],
    async collect() {
      const [isReadable, hasHeads] = await Promise.all([look(), heads()]);
      for (const watch of watches.all()) {
        const isAsked = watch === watches.postgres ? isReadable !== null : watch !== watches.log || hasHeads !== null;
        this.set({ service: watch.name }, watch.isUp && isAsked ? 1 : 0);
      }
    },
  });
}

/** What `read` tells; null where that fails or takes too long. Those who ask while it is under way share it. */
function boundedLook<T>(read: () => Promise<T>): () => Promise<T | null> {
  let underWay: Promise<T | null> | null = null;
  return async () => {
    underWay ??= read()
      .catch(() => null)
      .finally(() => {
        underWay = null;
      });
    return within(LOOK_WITHIN_MS, underWay, () => null);
  };
}
