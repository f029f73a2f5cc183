import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { Settings } from '#libs/config';
import {
  createHttpApplication,
  HealthChecks,
  MetricsRegistry,
  RawRoutes,
  type SecretSighting,
  ThrottledLog,
} from '#libs/http';
import { authorizeRoute, EMPTY_REQUEST, verifyRoutes } from '#libs/verification';
import { dutiesOf } from './duties.js';
import { addHealthChecks } from './health.js';
import { LedgerModule, OperationModule } from './ledger.module.js';
import { addLedgerMetrics } from './metrics.js';
import { addRoleHealth } from './role-health.js';
import type { Services } from './services.js';

const COUNTS_EVERY_MS = 20_000;

/**
 * Builds the HTTP application of this process on what was opened; nothing listens yet. A role that does not serve the
 * API has none of its routes, so nothing of it can be reached there.
 */
export async function createApplication(
  settings: Settings,
  services: Services,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const { refusals, verifier } = services.verification;
  const { serves } = dutiesOf(settings);
  const trouble = new ThrottledLog(logger);
  const module = serves ? LedgerModule.of(services) : OperationModule.of(services);
  const app = await createHttpApplication(module, {
    logger,
    clock: services.store.clock,
    tokenBrand: settings.brand,
    trustedProxies: settings.trustedProxies,
    ...(settings.corsOrigins.length === 0 ? {} : { corsOrigins: settings.corsOrigins }),
    processMetrics: true,
    docs: serves,
    onUnanswered: () => services.store.watches.suspectStore('calls'),
    onSecretInUrl: (sighting) => recordSighting(services, sighting, trouble),
    configure: (created) => {
      if (serves) created.get(RawRoutes).add(...verifyRoutes(verifier), authorizeRoute(verifier));
      addHealthChecks(created.get(HealthChecks), services);
      addRoleHealth(created.get(HealthChecks), settings.role, services.store.projections);
      addLedgerMetrics(created.get(MetricsRegistry), services);
    },
  });
  const timer = setInterval(() => {
    refusals
      .recordCounts()
      .catch((error: unknown) => trouble.warn({ err: error }, 'counts of refused uses could not be recorded'));
  }, COUNTS_EVERY_MS);
  timer.unref();
  return app;
}

/** A token in a URL is in logs and histories by now: whoever reviews refusals should see that it happened, and to which. */
function recordSighting({ verification }: Services, sighting: SecretSighting, trouble: ThrottledLog): void {
  const { code, ip, userAgent, requestId } = sighting;
  const request = { ...EMPTY_REQUEST, operation: 'api', ip, userAgent };
  verification.leaks
    .record({ presented: sighting.secret.reveal(), code, request, requestId })
    .catch((error: unknown) => {
      trouble.warn({ err: error }, 'a token in a URL could not be recorded');
    });
}
