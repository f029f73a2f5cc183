import { Module } from '@nestjs/common';
import { ExportEntriesController } from './export-entries/export-entries.controller.js';
import { ExportEntriesHandler } from './export-entries/export-entries.handler.js';
import { AuditEntryReader } from './list-entries/audit-entry-reader.js';
import { ListEntriesController } from './list-entries/list-entries.controller.js';
import { ListEntriesHandler } from './list-entries/list-entries.handler.js';

/** The audit log: an entry for each event, listed, filtered and exported. */
@Module({
  controllers: [ListEntriesController, ExportEntriesController],
  providers: [AuditEntryReader, ListEntriesHandler, ExportEntriesHandler],
})
export class AuditModule {}
