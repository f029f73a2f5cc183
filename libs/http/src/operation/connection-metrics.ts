import type { Server } from 'node:http';
import { Counter, Gauge } from 'prom-client';
import type { BodyBudget } from '../application/body-budget.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** What clients hold of the server: read when it is asked for, so that no request pays for it. */
export function addConnectionMetrics(registry: MetricsRegistry, server: Server, bodies: BodyBudget): void {
  new Gauge({
    name: 'token_ledger_http_connections',
    help: 'Connections of clients that are open; at most 10,000',
    registers: [registry],
    async collect() {
      this.set(await connectionsOf(server));
    },
  });
  new Gauge({
    name: 'token_ledger_http_body_bytes',
    help: 'Bytes of large request bodies that are being received; at most 128 MiB',
    registers: [registry],
    collect() {
      this.set(bodies.underWayBytes);
    },
  });
  new Counter({
    name: 'token_ledger_http_bodies_rejected_total',
    help: 'Requests that were turned away because large bodies had no more room',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(bodies.rejected);
    },
  });
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
