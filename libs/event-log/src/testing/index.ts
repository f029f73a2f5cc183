export { EventStoreDouble } from './eventstore-double/eventstore-double.js';
export { openOnDouble } from './eventstore-double/double-log.js';
export type { Fault } from './eventstore-double/append-faults.js';
export { eventLogContract } from './event-log-contract.js';
export { type LogUnderTest, newEvents, newStream, type OpenLog } from './log-under-test.js';
export { createLogDatabase, type LogDatabase } from './postgres-log.js';
