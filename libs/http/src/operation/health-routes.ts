import { rawRoute, type RawRoute } from '../raw/raw-route.js';
import type { HealthChecks } from './health-checks.js';

const STATUS_SCHEMA = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] };
const READINESS_SCHEMA = {
  type: 'object',
  required: ['status', 'checks'],
  properties: {
    status: { type: 'string', enum: ['ready', 'not_ready', 'draining'] },
    checks: {
      type: 'object',
      additionalProperties: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' }, detail: {} } },
    },
  },
};

/**
 * Load balancers and monitors add what they like to the address of a probe, to get past caches: a server must not be
 * taken out of service for that.
 */
const query = 'open' as const;

/** `/health/live` (this process answers at all), its old names, and `/health/ready` (it can serve requests). */
export function healthRoutes(checks: HealthChecks): RawRoute[] {
  return [...['/health/live', '/health', '/healthz'].map(liveRoute), readyRoute(checks)];
}

function liveRoute(path: string): RawRoute {
  return rawRoute({
    method: 'GET',
    path,
    summary: 'Whether the process answers',
    tag: 'Jobs and operation',
    requires: 'public',
    query,
    quiet: true,
    answers: { 200: { description: 'It does.', schema: STATUS_SCHEMA } },
    handler: (_request, reply) => {
      void reply.header('cache-control', 'no-store');
      return { status: 'live' };
    },
  });
}

function readyRoute(checks: HealthChecks): RawRoute {
  return rawRoute({
    method: 'GET',
    path: '/health/ready',
    summary: 'Whether the process can serve requests',
    description: 'Each part tells whether it is well; 503 when one is not, or when the process is going down.',
    tag: 'Jobs and operation',
    requires: 'public',
    query,
    quiet: true,
    answers: {
      200: { description: 'It can.', documentation: READINESS_SCHEMA },
      503: { description: 'It cannot, now.', documentation: READINESS_SCHEMA },
    },
    handler: async (_request, reply) => {
      const readiness = await checks.readiness();
      const isReady = readiness.status === 'ready';
      void reply.code(isReady ? 200 : 503).header('cache-control', 'no-store');
      if (!isReady) void reply.header('retry-after', '1');
      return readiness;
    },
  });
}
