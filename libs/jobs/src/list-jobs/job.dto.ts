import { ApiProperty } from '@nestjs/swagger';

export class JobScheduleAnswer {
  /** Pause between the starts of two runs. */
  everyMs!: number;
}

export class JobRunAnswer {
  @ApiProperty({ type: String, format: 'date-time' })
  startedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt!: string | null;
  @ApiProperty({ enum: ['running', 'done', 'failed'] })
  outcome!: string;
  /** Counts of what the run did. */
  @ApiProperty({ type: Object, nullable: true })
  result!: object | null;
}

export class JobAnswer {
  name!: string;
  description!: string;
  schedule!: JobScheduleAnswer;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextRunAt!: string | null;
  @ApiProperty({ type: JobRunAnswer, nullable: true })
  lastRun!: JobRunAnswer | null;
}

export class JobPage {
  @ApiProperty({ type: [JobAnswer] })
  data!: JobAnswer[];
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}
