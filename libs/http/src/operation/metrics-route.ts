import { collectDefaultMetrics } from 'prom-client';
import { hasInstanceRole, hasScope, type Principal, refuse } from '#libs/contracts';
import { rawRoute, type RawRoute } from '../raw/raw-route.js';
import { principalOf } from '../requests/request-state.js';
import type { MetricsRegistry } from './metrics-registry.js';

/** Adds what Node tells of itself: `nodejs_*` and `process_*`. Once for a process. */
export function addProcessMetrics(registry: MetricsRegistry): void {
  collectDefaultMetrics({ register: registry });
}

/** `/metrics` in the Prometheus text format. */
export function metricsRoute(registry: MetricsRegistry): RawRoute {
  return rawRoute({
    method: 'GET',
    path: '/metrics',
    summary: 'Metrics of this process (Prometheus)',
    description:
      'For admin tokens, and for users with the instance role admin or auditor. Answers while the database is away, too; ' +
      'what has to be read there holds its last value then.',
    tag: 'Jobs and operation',
    requires: 'any',
    quiet: true,
    inOutage: true,
    errors: ['permission_denied', 'operations_not_allowed', 'insufficient_scope', 'wrong_token_type'],
    answers: {
      200: {
        description: 'One line for each metric and set of labels.',
        contentType: registry.contentType,
        documentation: { type: 'string' },
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      if (principal !== null) requireMonitoring(principal);
      void reply.headers({ 'content-type': registry.contentType, 'cache-control': 'no-store' });
      return registry.metrics();
    },
  });
}

/** Metrics tell how the whole installation is used: they are for those who may see all of it. */
function requireMonitoring(principal: Principal): void {
  const { type, access } = principal.token;
  if (type === 'monitoring') return;
  if (type === 'client' || type === 'frontend') throw refuse('wrong_token_type');
  if (!access.operations) throw refuse('operations_not_allowed');
  if (!hasScope(principal, 'audit:read')) throw refuse('insufficient_scope', { extra: { scope: 'audit:read' } });
  if (!hasInstanceRole(principal, 'admin', 'auditor')) throw refuse('permission_denied');
}
