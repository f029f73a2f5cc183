import type { Readable } from 'node:stream';
import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Position } from '#libs/event-log';
import type { EntryConditions } from '../list-entries/entry-conditions.js';
import type { ExportFormat } from './export-filter.dto.js';

export interface EntryExport {
  /** Encoded entries, in the order asked for; fails loudly, never ends early in silence. */
  readonly stream: Readable;
  /** Entries sent so far; the whole number once the stream has ended. */
  readonly count: () => number;
  /** SHA-256 (hex) of the bytes sent; valid once the stream has ended. */
  readonly sha256: () => string;
  /** Position of the last entry that the export can hold. */
  readonly upTo: Position;
  /** Where AuditLogExported stands. */
  readonly position: Position;
}

/** Exports what the filter selects, up to the entries that were there when it was asked for; recorded before it begins. */
export class ExportEntries extends Command<EntryExport> {
  constructor(
    readonly principal: Principal,
    readonly conditions: EntryConditions,
    readonly format: ExportFormat,
    readonly context: CommandContext,
  ) {
    super();
  }
}
