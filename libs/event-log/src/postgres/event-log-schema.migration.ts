import type { MigrationInterface, QueryRunner } from 'typeorm';
import { installEventLogSchema } from './event-log-schema.js';

/** The event log among the migrations of TypeORM, because read models and log share a database by default. */
export class EventLogSchema1764000000000 implements MigrationInterface {
  readonly name = 'EventLogSchema1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await installEventLogSchema(runner);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('the event log is never taken away'));
  }
}
