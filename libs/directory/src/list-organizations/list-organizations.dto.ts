import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Page } from '../page.js';
import { OrganizationDto } from '../organization.dto.js';

@ApiSchema({ name: 'OrganizationPage' })
export class OrganizationPageDto implements Page<OrganizationDto> {
  @ApiProperty({ type: OrganizationDto, isArray: true })
  readonly data!: readonly OrganizationDto[];

  /** Null on the last page. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly nextCursor!: string | null;
}
