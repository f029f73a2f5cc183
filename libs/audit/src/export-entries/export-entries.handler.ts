import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, type Fact, refuse, streamOf, toEvents } from '#libs/contracts';
import { EventLog, formatPosition, type Position } from '#libs/event-log';
import { ReadModelProgress } from '#libs/http';
import type { AuditEntry } from '../domain/audit-entry.js';
import { AuditEntryReader, type EntriesPage } from '../list-entries/audit-entry-reader.js';
import { type AuditScope, auditScopeOf } from '../list-entries/audit-scope.js';
import type { EntryConditions } from '../list-entries/entry-conditions.js';
import { encodeEntries } from './encode-entries.js';
import { type EntryExport, ExportEntries } from './export-entries.command.js';

const PAGE_ENTRIES = 1_000;
const CATCH_UP_TIMEOUT_MS = 2_000;

@CommandHandler(ExportEntries)
export class ExportEntriesHandler implements ICommandHandler<ExportEntries> {
  constructor(
    private readonly log: EventLog,
    private readonly progress: ReadModelProgress,
    private readonly reader: AuditEntryReader,
  ) {}

  async execute({ principal, conditions, format, context }: ExportEntries): Promise<EntryExport> {
    const scope = auditScopeOf(principal);
    const { all: upTo } = await this.log.heads();
    // Complete means: everything that had been acknowledged when the export was asked for.
    if (!(await this.progress.waitFor(upTo, CATCH_UP_TIMEOUT_MS))) {
      throw refuse('not_ready', { detail: 'The audit log is catching up.', headers: { 'retry-after': '1' } });
    }
    const position = await this.record(conditions, format, upTo, context);
    const encoded = encodeEntries(this.entries(scope, conditions, formatPosition(upTo)), format);
    return { ...encoded, upTo, position };
  }

  private async record(
    conditions: EntryConditions,
    format: string,
    upTo: Position,
    context: CommandContext,
  ): Promise<Position> {
    const filter = Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    const fact: Fact = { type: 'AuditLogExported', data: { format, filter, upTo: formatPosition(upTo) } };
    const append = { stream: streamOf.system, expected: 'exists' as const, events: toEvents([fact], context) };
    return (await this.log.append({ streams: [append] })).position;
  }

  private async *entries(scope: AuditScope, conditions: EntryConditions, upTo: string): AsyncGenerator<AuditEntry> {
    let after: string | null = null;
    do {
      const page: EntriesPage = await this.reader.read(scope, conditions, { after, upTo, limit: PAGE_ENTRIES });
      yield* page.entries;
      after = page.next;
    } while (after !== null);
  }
}
