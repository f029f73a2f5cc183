export {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  EventLog,
  type ExpectedRevision,
  type LogHeads,
  LogUnavailable,
  type ReadAllOptions,
  type RecordedEvent,
  RevisionConflict,
  type StreamAppend,
} from './event-log.js';
export { comparePositions, formatPosition, laterPosition, parsePosition, type Position, START } from './position.js';
