import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';

export class RunJobParams {
  /** Name of the job, as `expire-tokens`. */
  @IsString()
  @MaxLength(64)
  name!: string;
}

export class RequestedRunAnswer {
  name!: string;
  @ApiProperty({ type: String, format: 'date-time' })
  requestedAt!: string;
}
