import { IsString, MaxLength } from 'class-validator';

/** Path `…/{uid}`: a uid, or a handle where the call takes one. What is neither simply does not exist (404). */
export class UidParam {
  /** Uid (or handle, where the call says so) of what is meant. */
  @IsString()
  @MaxLength(256)
  uid!: string;
}
