import type { MetricsRegistry } from './metrics-registry.js';
import { TalliedHistogram, type Tally } from './tallied-histogram.js';

/** Timers of one route, by method and status. */
export type RouteTimers = Map<string, Tally>;

const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Durations of requests by route, method and status: `http_server_request_duration_seconds` (the OpenTelemetry name). */
export class RequestMetrics {
  private readonly histogram: TalliedHistogram<'route' | 'method' | 'status'>;
  private readonly routes = new Map<string, RouteTimers>();

  constructor(registry: MetricsRegistry) {
    this.histogram = new TalliedHistogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of HTTP requests by route template, method and status.',
      labelNames: ['route', 'method', 'status'],
      buckets: BUCKETS_SECONDS,
      registers: [registry],
    });
  }

  /** Timers of a route template, kept so that an observation looks up no labels. */
  timersOf(route: string): RouteTimers {
    const timers = this.routes.get(route) ?? new Map<string, Tally>();
    this.routes.set(route, timers);
    return timers;
  }

  observe(route: string, timers: RouteTimers, request: { method: string; status: number; ms: number }): void {
    const { method, status, ms } = request;
    const name = `${method} ${status}`;
    let timer = timers.get(name);
    if (timer === undefined) {
      timer = this.histogram.tallyOf({ route, method, status: String(status) });
      timers.set(name, timer);
    }
    timer.observe(ms / 1000);
  }
}
