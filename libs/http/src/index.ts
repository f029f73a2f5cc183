export { createHttpApplication, type HttpApplicationOptions } from './application/create-http-application.js';
export { BODY_LIMIT_BYTES, BULK_BODY_LIMIT_BYTES } from './application/fastify-options.js';
export type { SecretSighting } from './application/request-hooks.js';
export { type RouteEntry, RouteTable } from './application/route-table.js';
export { type Access, Public, Requires } from './authentication/access.js';
export { Authenticator, type PresentedCredential, type RefusedCall } from './authentication/authenticator.js';
export { presentedBy } from './authentication/request-authentication.js';
export { hasReachedHead, ReadModelProgress } from './answers/read-model-progress.js';
export { Written, written } from './answers/written.js';
export { CreateIdempotencyKeys1764000000100 } from './idempotency/create-idempotency-keys.migration.js';
export { MoneyMoving, ReplayAs } from './idempotency/idempotency-metadata.js';
export {
  type ClaimResult,
  type IdempotencyClaim,
  IdempotencyStore,
  type StoredAnswer,
} from './idempotency/idempotency-store.js';
export { PostgresIdempotencyStore } from './idempotency/postgres-idempotency-store.js';
export { purgeIdempotencyKeys } from './idempotency/purge-idempotency-keys.js';
export { createLogger, type LogLevel, type LogOptions } from './logging/create-logger.js';
export { type ErrorFields, errorFields, reasonOf } from './logging/error-fields.js';
export { NestLogger } from './logging/nest-logger.js';
export { ThrottledLog } from './logging/throttled-log.js';
export { ApiResponses } from './openapi/api-responses.js';
export { buildOpenApi, type OpenApiInfo } from './openapi/build-open-api.js';
export type { OpenApiDocument, Operation, Parameter } from './openapi/open-api-document.js';
export { type HealthCheck, HealthChecks, type HealthReport, type Readiness } from './operation/health-checks.js';
export { MetricsRegistry } from './operation/metrics-registry.js';
export { TalliedHistogram, type Tally } from './operation/tallied-histogram.js';
export { PROBLEM_MEDIA_TYPE, type Problem, problemOf, problemType } from './problems/problem.js';
export { refusalOf } from './problems/refusal-of.js';
export { refuseSecret } from './problems/refuse-invalid.js';
export { SecretScrubber } from './problems/secret-scrubber.js';
export {
  type BodyKind,
  type JsonSchema,
  type RawAnswer,
  type RawMethod,
  type RawRequest,
  rawRoute,
  type RawRoute,
  type RawRouteDefinition,
  RawRoutes,
  NOT_ANSWERED,
} from './raw/raw-route.js';
export { AcceptsForm } from './requests/accepts-form.js';
export { decodeCursor, encodeCursor, listIdOf } from './requests/cursor.js';
export { IfPresent } from './requests/if-present.js';
export { ListQuery } from './requests/list-query.dto.js';
export { Caller, Ctx } from './requests/parameters.js';
export { UidParam } from './requests/path-params.dto.js';
export { contextOf, principalOf, userAgentOf } from './requests/request-state.js';
export { WholeNumber } from './requests/whole-number.js';
