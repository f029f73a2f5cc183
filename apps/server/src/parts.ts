import {
  AUDIT_ENTITIES,
  AUDIT_PROJECTIONS,
  AuditReadModels1764000004000,
  AuditNarrowSearch1764000004200,
  AuditTimes1764000004300,
  AuditTokenPrefixes1764000004400,
  AuditSearch1764000004100,
} from '#libs/audit';
import {
  BILLING_ENTITIES,
  BILLING_PROJECTIONS,
  BillingReadModels1764000003000,
  UseCompletion1764000003100,
} from '#libs/billing';
import { DIRECTORY_ENTITIES, DIRECTORY_PROJECTIONS, DirectoryReadModels1764000002000 } from '#libs/directory';
import { EventLogSchema1764000000000 } from '#libs/event-log';
import { CreateIdempotencyKeys1764000000100 } from '#libs/http';
import { JobRun, JobTables1764000000004 } from '#libs/jobs';
import { type Projection, ProjectionTables1764000000002, ProjectorLease1764000006100 } from '#libs/projections';
import {
  TOKEN_ENTITIES,
  TOKEN_PROJECTIONS,
  TokenFilters1764000001100,
  TokensReadModels1764000001000,
} from '#libs/tokens';
import { FreeUseKeys1764000005000, freeUseKeysProjection, SecuritySnapshots1764000005100 } from '#libs/verification';
import { InstallationTable1764000000001 } from './installation.js';
import { LogOfReadModels1764000006000 } from './log-of-read-models.js';

/** TypeORM entities of all parts. */
export const ENTITIES = [...DIRECTORY_ENTITIES, ...TOKEN_ENTITIES, ...BILLING_ENTITIES, ...AUDIT_ENTITIES, JobRun];

/** Migrations of all parts; TypeORM runs them in the order of the number that ends their names. */
export const MIGRATIONS = [
  EventLogSchema1764000000000,
  InstallationTable1764000000001,
  ProjectionTables1764000000002,
  JobTables1764000000004,
  CreateIdempotencyKeys1764000000100,
  TokensReadModels1764000001000,
  TokenFilters1764000001100,
  DirectoryReadModels1764000002000,
  BillingReadModels1764000003000,
  UseCompletion1764000003100,
  AuditReadModels1764000004000,
  AuditSearch1764000004100,
  AuditNarrowSearch1764000004200,
  AuditTimes1764000004300,
  AuditTokenPrefixes1764000004400,
  FreeUseKeys1764000005000,
  SecuritySnapshots1764000005100,
  LogOfReadModels1764000006000,
  ProjectorLease1764000006100,
];

/** Every read model that the engine keeps. */
export const PROJECTIONS: readonly Projection[] = [
  ...DIRECTORY_PROJECTIONS,
  ...TOKEN_PROJECTIONS,
  ...BILLING_PROJECTIONS,
  ...AUDIT_PROJECTIONS,
  freeUseKeysProjection,
];
