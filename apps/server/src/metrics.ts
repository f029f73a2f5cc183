import { Gauge } from 'prom-client';
import type { MetricsRegistry } from '#libs/http';
import type { Services } from './services.js';

/** Gauges that are read when they are asked for. */
export function addLedgerMetrics(registry: MetricsRegistry, { store, verification }: Services): void {
  registry.registerMetric(verification.verdicts);
  new Gauge({
    name: 'token_ledger_tokens',
    help: 'Tokens in memory, whatever their status',
    registers: [registry],
    collect() {
      this.set(verification.state.tokenCount);
    },
  });
  const lagEvents = projectionGauge(registry, 'lag_events', 'Events that a read model has still to fold');
  const lagSeconds = projectionGauge(
    registry,
    'lag_seconds',
    'Age of the oldest event that a read model has still to fold',
  );
  const letters = projectionGauge(registry, 'dead_letters', 'Events that a read model could not fold');
  new Gauge({
    name: 'token_ledger_log_position',
    help: 'Position of the last event of the log',
    registers: [registry],
    async collect() {
      this.set(Number((await store.log.heads()).all));
      for (const status of await store.projections.status()) {
        lagEvents.set({ name: status.name }, status.lagEvents);
        lagSeconds.set({ name: status.name }, status.lagSeconds);
        letters.set({ name: status.name }, status.deadLetters);
      }
    },
  });
}

function projectionGauge(registry: MetricsRegistry, suffix: string, help: string): Gauge<'name'> {
  return new Gauge({ name: `token_ledger_projection_${suffix}`, help, labelNames: ['name'], registers: [registry] });
}
