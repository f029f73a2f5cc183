import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsEmail, IsString, Length, Matches, MaxLength } from 'class-validator';
import { IfPresent } from '#libs/http';
import { HANDLE } from '../domain/handle.js';
import type { NewUser } from './create-user.command.js';

@ApiSchema({ name: 'NewUser' })
export class CreateUserDto implements NewUser {
  /** Human id; users and organizations share one namespace. Never changes. */
  @ApiProperty({ pattern: HANDLE.source })
  @Matches(HANDLE)
  readonly handle!: string;

  @IsEmail()
  @MaxLength(254)
  readonly email!: string;

  /** Display name; the handle when absent. */
  @IfPresent()
  @IsString()
  @Length(1, 200)
  readonly name?: string;
}
