import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { IfPresent } from '#libs/http';
import { HANDLE } from '../domain/handle.js';
import type { NewOrganization } from './create-organization.command.js';

@ApiSchema({ name: 'NewOrganization' })
export class CreateOrganizationDto implements NewOrganization {
  /** Human id; users and organizations share one namespace. Never changes. */
  @ApiProperty({ pattern: HANDLE.source })
  @Matches(HANDLE)
  readonly handle!: string;

  /** Display name; the handle when absent. */
  @IfPresent()
  @IsString()
  @Length(1, 200)
  readonly name?: string;
}
