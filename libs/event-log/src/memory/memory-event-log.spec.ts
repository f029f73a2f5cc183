import { eventLogContract } from '../testing/event-log-contract.js';
import { MemoryEventLog } from './memory-event-log.js';

eventLogContract('MemoryEventLog', async (clock) => {
  const log = new MemoryEventLog(clock);
  return { log, reopen: async () => log.reopen(), close: () => log.close() };
});
