import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { EventLog } from '#libs/event-log';
import { type Clock, type IdSource, RandomIds } from '#libs/kernel';
import { AnswerInterceptor } from '../answers/answer.interceptor.js';
import { ReadModelProgress } from '../answers/read-model-progress.js';
import { ReadPosition } from '../answers/read-position.js';
import { ReadPositionInterceptor } from '../answers/read-position.interceptor.js';
import { AuthenticationGuard } from '../authentication/authentication.guard.js';
import { Authenticator } from '../authentication/authenticator.js';
import { RequestAuthentication } from '../authentication/request-authentication.js';
import { requireDeclaredAccess } from '../authentication/require-access.js';
import { IdempotencyInterceptor } from '../idempotency/idempotency.interceptor.js';
import { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { IdempotentCommands } from '../idempotency/idempotent-commands.js';
import { NestLogger } from '../logging/nest-logger.js';
import { RequestLog } from '../logging/request-log.js';
import { ThrottledLog } from '../logging/throttled-log.js';
import { buildOpenApi, type OpenApiInfo } from '../openapi/build-open-api.js';
import { docsRoutes } from '../openapi/docs-routes.js';
import type { OpenApiDocument } from '../openapi/open-api-document.js';
import { addConnectionMetrics } from '../operation/connection-metrics.js';
import { HealthChecks } from '../operation/health-checks.js';
import { healthRoutes } from '../operation/health-routes.js';
import { MetricsRegistry } from '../operation/metrics-registry.js';
import { addProcessMetrics, metricsRoute } from '../operation/metrics-route.js';
import { RequestMetrics } from '../operation/request-metrics.js';
import { ProblemFilter } from '../problems/problem.filter.js';
import { ProblemResponder } from '../problems/problem-responder.js';
import { SecretScrubber } from '../problems/secret-scrubber.js';
import { mountRawRoutes } from '../raw/mount-raw-routes.js';
import { RawRoutes } from '../raw/raw-route.js';
import { installBodyParsers } from '../requests/body-parsers.js';
import { DeclaredFieldsGuard } from '../requests/declared-fields.guard.js';
import { SecretsPipe } from '../requests/secrets.pipe.js';
import { createValidationPipe } from '../requests/validation.pipe.js';
import { BodyBudget } from './body-budget.js';
import { fastifyOptions } from './fastify-options.js';
import { HttpPlatformModule, HttpRootModule } from './http-platform.module.js';
import { installRequestHooks, type SecretSighting } from './request-hooks.js';
import { RouteTable } from './route-table.js';

export interface HttpApplicationOptions {
  readonly clock: Clock;
  /** The process log; see createLogger. */
  readonly logger: Logger;
  readonly openApi?: OpenApiInfo;
  /** Addresses and ranges of proxies whose `X-Forwarded-*` headers are believed; none when absent. */
  readonly trustedProxies?: readonly string[];
  /** Leading part of token strings, `tl` when absent. */
  readonly tokenBrand?: string;
  /** Origins whose pages may call the API with a token; none when absent. Cookies are never taken from them. */
  readonly corsOrigins?: readonly string[] | '*';
  /** Told of each token string that stood in a URL. Must not throw. */
  readonly onSecretInUrl?: (sighting: SecretSighting) => void;
  /** Told of each call that was answered with 503, because what it needs is away. Must not throw. */
  readonly onUnanswered?: () => void;
  /** Adds `nodejs_*` and `process_*` to the metrics: for the one application of a process. */
  readonly processMetrics?: boolean;
  /** False: the description of the API is not served, for an application that has none of its routes. */
  readonly docs?: boolean;
  /** Runs before the application is initialized, for example to serve static files. */
  readonly configure?: (app: NestFastifyApplication) => void | Promise<void>;
}

/** Made before Nest's container, because the server needs them before its first request. */
interface Foundation {
  readonly ids: IdSource;
  readonly scrubber: SecretScrubber;
  readonly routes: RouteTable;
  readonly registry: MetricsRegistry;
  readonly metrics: RequestMetrics;
  readonly responder: ProblemResponder;
}

const MAX_CONNECTIONS = 10_000;
const EXPOSED_HEADERS = [
  'Idempotent-Replayed',
  'Ledger-Position',
  'Link',
  'Retry-After',
  'Warning',
  'WWW-Authenticate',
  'X-Request-Id',
];

/**
 * An application on Nest and Fastify that speaks the ledger's conventions: problem documents, authentication,
 * idempotency keys, positions, validation, request ids and log, health, metrics and OpenAPI. Initialized, not listening.
 * The module (or a global one below it) provides Authenticator, EventLog, IdempotencyStore and ReadModelProgress.
 */
export async function createHttpApplication(
  applicationModule: Type | DynamicModule,
  options: HttpApplicationOptions,
): Promise<NestFastifyApplication> {
  const foundation = layFoundation(options);
  const adapter = createAdapter(foundation, options);
  const platform = HttpPlatformModule.with(foundation.routes, foundation.registry);
  const root = HttpRootModule.of(platform, applicationModule);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(options.logger),
    bodyParser: false,
    abortOnError: false,
  });
  try {
    requireDeclaredAccess(app);
    if (options.corsOrigins !== undefined) allowOrigins(app, options.corsOrigins);
    await options.configure?.(app);
    await assemble(app, foundation, options);
  } catch (error) {
    await app.close();
    throw error;
  }
  return app;
}

function layFoundation({ clock, tokenBrand, logger, onUnanswered }: HttpApplicationOptions): Foundation {
  const scrubber = new SecretScrubber(tokenBrand);
  const registry = new MetricsRegistry();
  return {
    ids: new RandomIds(() => clock.now()),
    scrubber,
    routes: new RouteTable(),
    registry,
    metrics: new RequestMetrics(registry),
    responder: new ProblemResponder(scrubber, new ThrottledLog(logger), onUnanswered),
  };
}

function createAdapter(foundation: Foundation, options: HttpApplicationOptions): FastifyAdapter {
  const { ids, scrubber, responder, routes, registry, metrics } = foundation;
  const { logger, trustedProxies = [], onSecretInUrl = () => undefined } = options;
  const requestLog = new RequestLog(logger, metrics, scrubber);
  const adapter = new FastifyAdapter(
    fastifyOptions({ logger, requestLog, ids, responder, scrubber, trustedProxies }) as never,
  );
  const instance = instanceOf(adapter);
  instance.server.maxConnections = MAX_CONNECTIONS;
  const bodies = new BodyBudget();
  addConnectionMetrics(registry, instance.server, bodies);
  installRequestHooks(instance, { bodies, scrubber, routes, onSecretInUrl });
  installBodyParsers(instance);
  return adapter;
}

async function assemble(
  app: NestFastifyApplication,
  { ids, scrubber, routes, registry, metrics, responder }: Foundation,
  { clock, logger, openApi, processMetrics = false, docs = true }: HttpApplicationOptions,
): Promise<void> {
  const provided = { strict: false };
  const reflector = app.get(Reflector);
  const authenticator = app.get(Authenticator, provided);
  const authentication = new RequestAuthentication(authenticator, clock, ids);
  const readPosition = new ReadPosition(app.get(ReadModelProgress, provided), app.get(EventLog, provided));
  const trouble = new ThrottledLog(logger);
  const commands = new IdempotentCommands({
    store: app.get(IdempotencyStore, provided),
    clock,
    onStoreFailure: (err) => trouble.warn({ err }, 'the answer of an idempotency key could not be kept'),
  });
  responder.authenticator = authenticator;
  app.useGlobalFilters(new ProblemFilter(responder, routes));
  app.useGlobalGuards(new AuthenticationGuard(reflector, authentication), new DeclaredFieldsGuard());
  app.useGlobalInterceptors(
    new AnswerInterceptor(),
    new ReadPositionInterceptor(readPosition),
    new IdempotencyInterceptor(reflector, commands, scrubber),
  );
  app.useGlobalPipes(new SecretsPipe(scrubber), createValidationPipe());
  await app.init();

  if (processMetrics) addProcessMetrics(registry);
  const rawRoutes = app.get(RawRoutes);
  let document: OpenApiDocument | null = null;
  rawRoutes.add(...healthRoutes(app.get(HealthChecks)), metricsRoute(registry));
  if (docs) rawRoutes.add(...docsRoutes(() => (document ??= buildOpenApi(app, openApi))));
  const services = { authentication, responder, readPosition, metrics };
  mountRawRoutes(instanceOf(app.getHttpAdapter()), rawRoutes.all(), services);
}

function instanceOf(adapter: { getInstance(): unknown }): FastifyInstance {
  return adapter.getInstance() as FastifyInstance;
}

function allowOrigins(app: NestFastifyApplication, origins: readonly string[] | '*'): void {
  app.enableCors({
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  });
}
