export { AppendActivity, type StoredFlush } from './append-activity.js';
export {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  EventLog,
  type ExpectedRevision,
  type LogHeads,
  LogUnavailable,
  MAX_WAITING_REQUESTS,
  type MayOmit,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
  RevisionConflict,
  SecurityMoved,
  type StreamAppend,
} from './event-log.js';
export {
  comparePositions,
  formatPosition,
  laterPosition,
  parsePosition,
  type Position,
  shareOfLog,
  START,
} from './position.js';
export type { Decider, FoldedEvent, Loaded } from './append-chain.js';
export type { CommandTry, Executed } from './command-attempt.js';
export { type StreamCommand, type StreamExecuted, StreamRepository } from './stream-repository.js';
export { ForeignEvents, type LogImporter, SourceMoved } from './move/log-importer.js';
export { moveLog, type MoveOptions, type MovePhase, type MoveProgress, type MoveResult } from './move/move-log.js';
export { MemoryEventLog } from './memory/memory-event-log.js';
export { EventStoreEventLog, LEASE_MS, type EventStoreEventLogOptions } from './eventstore/eventstore-event-log.js';
export { EVENT_LOG_SCHEMA, installEventLogSchema, type SqlRunner } from './postgres/event-log-schema.js';
export { EventLogSchema1764000000000 } from './postgres/event-log-schema.migration.js';
export { PostgresImporter } from './postgres/postgres-importer.js';
export { PostgresEventLog, type PostgresEventLogOptions } from './postgres/postgres-event-log.js';
