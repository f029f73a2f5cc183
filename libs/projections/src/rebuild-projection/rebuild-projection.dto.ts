import { IsString, MaxLength } from 'class-validator';

export class RebuildParams {
  /** Name of the projection, as `tokens`. */
  @IsString()
  @MaxLength(64)
  name!: string;
}

export class RebuildAnswer {
  name!: string;
}
