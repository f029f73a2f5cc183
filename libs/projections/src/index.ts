export {
  type ColumnType,
  type ColumnValue,
  type DocumentsProjection,
  documentsProjection,
  type Projection,
  type ReadModelTable,
  type Row,
  type RowsProjection,
  rowsProjection,
  blockOf,
  type TermsProjection,
  termsProjection,
} from './projection.js';
export { followInThread } from './follow-in-thread.js';
export { FollowingThread } from './following-thread.js';
export {
  ProjectionEngine,
  type ProjectionEngineOptions,
  type RebuildCall,
  type RebuildResult,
  type StandbyOptions,
} from './projection-engine.js';
export type { ProjectionReport, Reporter } from './projection-report.js';
export { LAG_EVENTS_MAX, type ProjectionStatus } from './projection-status.js';
export { sessionNameOf } from './projector-lease.js';
export { ProjectorLease1764000006100 } from './projector-lease.migration.js';
export { ProjectionTables1764000000002 } from './projection-tables.js';
export { digestTables, type ReadModelDigest } from './read-model-digest.js';
export type { RebuildProgress } from './rebuild.js';
export type { RetryResult } from './retry-dead-letters.js';
export { ProjectionsModule } from './projections.module.js';
