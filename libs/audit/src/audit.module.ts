import { Module } from '@nestjs/common';
import { ExportEntriesController } from './export-entries/export-entries.controller.js';
import { ExportEntriesHandler } from './export-entries/export-entries.handler.js';
import { AuditEntryReader } from './list-entries/audit-entry-reader.js';
import { CommonEntries } from './list-entries/common-entries.js';
import { EntrySpans } from './list-entries/entry-spans.js';
import { ListEntriesController } from './list-entries/list-entries.controller.js';
import { ListEntriesHandler } from './list-entries/list-entries.handler.js';
import { RareEntries } from './list-entries/rare-entries.js';
import { TermIndex } from './list-entries/term-index.js';
import { TokenPrefixes } from './list-entries/token-prefixes.js';

/** The audit log: an entry for each event, listed, filtered and exported. */
@Module({
  controllers: [ListEntriesController, ExportEntriesController],
  providers: [
    AuditEntryReader,
    RareEntries,
    EntrySpans,
    TokenPrefixes,
    CommonEntries,
    TermIndex,
    ListEntriesHandler,
    ExportEntriesHandler,
  ],
})
export class AuditModule {}
