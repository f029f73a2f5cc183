import { EventStoreEventLog, type EventStoreEventLogOptions } from '../../eventstore/eventstore-event-log.js';
import type { LogUnderTest, OpenLog } from '../log-under-test.js';
import { EventStoreDouble } from './eventstore-double.js';

/** The adapter over a double of its own, as the contract suite wants it. */
export function openOnDouble(
  options: Partial<EventStoreEventLogOptions> = {},
): (...args: Parameters<OpenLog>) => Promise<LogUnderTest & { readonly double: EventStoreDouble }> {
  return async (clock) => {
    const double = await EventStoreDouble.start();
    const { connectionString } = double;
    const logs: EventStoreEventLog[] = [];
    const reopen = async () => {
      const log = await EventStoreEventLog.open({ connectionString, clock, ...options });
      logs.push(log);
      return log;
    };
    const close = async () => {
      await Promise.all(logs.map((log) => log.close()));
      double.kill();
    };
    return { log: await reopen(), answersEndOfFlush: true, reopen, close, double };
  };
}
