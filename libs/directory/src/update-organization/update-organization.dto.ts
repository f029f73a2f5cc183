import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsString, Length, ValidateNested } from 'class-validator';
import { IfPresent } from '#libs/http';
import { SettingsPatchDto } from '../settings.dto.js';
import type { OrganizationPatch } from './update-organization.command.js';

@ApiSchema({ name: 'OrganizationPatch' })
export class UpdateOrganizationDto implements OrganizationPatch {
  /** Display name. */
  @IfPresent()
  @IsString()
  @Length(1, 200)
  readonly name?: string;

  /** Settings for the tokens of this organization: within those of the installation, unless an instance admin asks. */
  @ApiPropertyOptional({ type: SettingsPatchDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => SettingsPatchDto)
  readonly settings?: SettingsPatchDto;
}
