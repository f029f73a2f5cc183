import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { CommandContext, Principal } from '#libs/contracts';
import { formatPosition } from '#libs/event-log';
import { ApiResponses, Caller, Ctx, Requires } from '#libs/http';
import { auditScopeOf } from '../list-entries/audit-scope.js';
import { conditionsOf } from '../list-entries/conditions-of.js';
import { ExportEntries } from './export-entries.command.js';
import { ExportFilter, type ExportFormat } from './export-filter.dto.js';

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
};

@ApiTags('Audit')
@Controller('v1/audit/export')
export class ExportEntriesController {
  constructor(private readonly commands: CommandBus) {}

  /**
   * All entries that the filter selects and you may see, streamed in the order of the list: newest first unless
   * `order=asc`, which an archive that is added to wants. Trailers `Ledger-Entry-Count` and
   * `Ledger-Content-Sha256` close it; a transfer that breaks off is an error, never a short file. HEAD tells whether
   * it would be given, and exports nothing.
   */
  @Get()
  @Requires('audit:read')
  @ApiProduces('application/x-ndjson', 'text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiResponses('permission_denied', 'not_ready')
  async export(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Query() filter: ExportFilter,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const format = filter.format ?? 'ndjson';
    const conditions = conditionsOf(filter);
    if (reply.request.method === 'HEAD') return answerHead(principal, format, reply);
    const result = await this.commands.execute(new ExportEntries(principal, conditions, format, context));
    void reply
      .headers(headersOf(format))
      .header('ledger-position', formatPosition(result.position))
      .header('ledger-export-up-to', formatPosition(result.upTo))
      .trailer('ledger-entry-count', (_reply, _payload, done) => done(null, String(result.count())))
      .trailer('ledger-content-sha256', (_reply, _payload, done) => done(null, result.sha256()));
    await reply.send(result.stream);
  }
}

/** Refuses whom an export is refused. A stream without anything: of a text the length would be told, and be wrong. */
async function answerHead(principal: Principal, format: ExportFormat, reply: FastifyReply): Promise<void> {
  auditScopeOf(principal);
  await reply.headers(headersOf(format)).send(Readable.from([]));
}

function headersOf(format: ExportFormat): Record<string, string> {
  return {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="audit-log.${format}"`,
  };
}
