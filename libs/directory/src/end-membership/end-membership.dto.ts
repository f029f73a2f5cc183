import { IfPresent } from '#libs/http';
import { IsString, Length } from 'class-validator';

export class EndMembershipQuery {
  /** Why it ends; stands in the audit log. */
  @IfPresent()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}
