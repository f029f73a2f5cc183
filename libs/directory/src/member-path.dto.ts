import { IsString, MaxLength } from 'class-validator';
import { UidParam } from '#libs/http';

/** Path `…/organizations/{uid}/members/{userUid}`: both by uid or handle. */
export class MemberPath extends UidParam {
  /** Uid or handle of the user. */
  @IsString()
  @MaxLength(256)
  readonly userUid!: string;
}
