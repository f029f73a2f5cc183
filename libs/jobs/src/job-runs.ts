import { Injectable } from '@nestjs/common';
import { Column, DataSource, Entity, type MigrationInterface, PrimaryColumn, type QueryRunner } from 'typeorm';

/** The last run of each job. */
@Entity({ schema: 'platform', name: 'job_runs', synchronize: false })
export class JobRun {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'text' })
  outcome!: 'running' | 'done' | 'failed';

  @Column({ type: 'jsonb', nullable: true })
  result!: Record<string, number> | null;
}

/** Remembers the last run of each job, whichever process ran it. */
@Injectable()
export class JobRuns {
  constructor(private readonly dataSource: DataSource) {}

  async started(name: string, at: number): Promise<void> {
    await this.save({ name, startedAt: new Date(at), finishedAt: null, outcome: 'running', result: null });
  }

  async finished(
    name: string,
    run: { startedAt: number; finishedAt: number; result: Record<string, number> | null },
  ): Promise<void> {
    const outcome = run.result === null ? ('failed' as const) : ('done' as const);
    const times = { startedAt: new Date(run.startedAt), finishedAt: new Date(run.finishedAt) };
    await this.save({ name, ...times, outcome, result: run.result });
  }

  all(): Promise<JobRun[]> {
    return this.dataSource.getRepository(JobRun).find();
  }

  private async save(run: JobRun): Promise<void> {
    await this.dataSource.getRepository(JobRun).upsert(run, ['name']);
  }
}

export class JobTables1764000000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS platform');
    await queryRunner.query(`
      CREATE TABLE platform.job_runs (
        name text PRIMARY KEY,
        started_at timestamptz NOT NULL,
        finished_at timestamptz,
        outcome text NOT NULL,
        result jsonb
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE platform.job_runs');
  }
}
