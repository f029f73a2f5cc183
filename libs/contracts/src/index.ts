export { type AuthorizationHeader, bearerToken, parseAuthorization } from './authorization-header.js';
export { challengeFor, type ChallengeDetails } from './errors/challenge.js';
export { ERROR_CATALOGUE, type ErrorCode, type ErrorEntry } from './errors/error-catalogue.js';
export { isRefusal, refuse, refuseField } from './errors/refuse.js';
export {
  type Actor,
  type CommandContext,
  type EventMetadata,
  eventMetadataOf,
  metadataOf,
  type NewEvent,
  SCHEMA_VERSIONS,
  toEvents,
} from './event-envelope.js';
export * from './events/index.js';
export { hasInstanceRole, hasRoleIn, hasScope, type Principal } from './principal.js';
export { MANAGEMENT_SCOPES, type ManagementScope, scopesCover } from './scopes.js';
export { DEFAULT_SETTINGS, type LedgerSettings } from './settings.js';
export { categoryOf, type StreamCategory, streamOf } from './streams.js';
