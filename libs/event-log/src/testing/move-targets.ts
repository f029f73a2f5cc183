import type { ManualClock } from '#libs/kernel/testing';
import type { EventLog } from '../event-log.js';
import { EventStoreEventLog } from '../eventstore/eventstore-event-log.js';
import { MemoryEventLog } from '../memory/memory-event-log.js';
import type { LogImporter } from '../move/log-importer.js';
import { PostgresImporter } from '../postgres/postgres-importer.js';
import { EventStoreDouble } from './eventstore-double/eventstore-double.js';
import { createLogDatabase } from './postgres-log.js';

/** An empty store of events, which a log can be moved from and to. */
export interface MoveEnd {
  readonly log: EventLog;
  /** Another way in, as a process that begins again after a kill would open it. */
  importer(): Promise<LogImporter>;
  /** Closes and removes everything. */
  close(): Promise<void>;
}

export type Engine = 'memory' | 'PostgreSQL' | 'EventStoreDB';

/** An empty store of each engine; EventStoreDB is the double. */
export const OPEN_END: Readonly<Record<Engine, (clock: ManualClock) => Promise<MoveEnd>>> = {
  memory: async (clock) => {
    const log = new MemoryEventLog(clock);
    return { log, importer: async () => log.importer(), close: () => log.close() };
  },
  PostgreSQL: async (clock) => {
    const database = await createLogDatabase(clock);
    const log = await database.open();
    const { connectionString } = database;
    const importers: LogImporter[] = [];
    const importer = async () => {
      const opened = await PostgresImporter.open({ connectionString, answerWithinMs: 10_000 });
      importers.push(opened);
      return opened;
    };
    const close = async () => {
      await Promise.all(importers.map((opened) => opened.close()));
      await database.close();
    };
    return { log, importer, close };
  },
  EventStoreDB: async (clock) => {
    const double = await EventStoreDouble.start();
    const { connectionString } = double;
    const log = await EventStoreEventLog.open({ connectionString, clock });
    const logs = [log];
    const importer = async () => {
      const opened = await EventStoreEventLog.open({ connectionString, clock });
      logs.push(opened);
      return opened.importer();
    };
    const close = async () => {
      await Promise.all(logs.map((opened) => opened.close()));
      double.kill();
    };
    return { log, importer, close };
  },
};
