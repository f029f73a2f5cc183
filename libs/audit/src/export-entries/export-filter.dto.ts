import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { EntryFilter } from '../list-entries/entry-filter.dto.js';

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Filters of an export: those of the list, without paging. */
export class ExportFilter extends OmitType(EntryFilter, ['limit', 'cursor'] as const) {
  @ApiProperty({ enum: EXPORT_FORMATS, required: false })
  @IsOptional()
  @IsIn(EXPORT_FORMATS)
  format?: ExportFormat;
}
