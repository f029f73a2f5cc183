import { ApiProperty } from '@nestjs/swagger';

export class ProjectionAnswer {
  name!: string;
  /** Position of the last event that it holds. */
  position!: string;
  /** Events that it has still to fold. */
  lagEvents!: number;
  /** Age of the oldest of them, seconds. */
  lagSeconds!: number;
  /** Events set aside, because they could not be folded. */
  deadLetters!: number;
  /** How far the tables that are being filled beside have come; null when none are. */
  @ApiProperty({ type: String, nullable: true })
  rebuildingPosition!: string | null;
}

export class ProjectionPage {
  @ApiProperty({ type: [ProjectionAnswer] })
  data!: ProjectionAnswer[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}
