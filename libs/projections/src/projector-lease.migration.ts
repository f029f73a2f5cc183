import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The lease of projectors: one row, which is there from the beginning. */
export class ProjectorLease1764000006100 implements MigrationInterface {
  readonly name = 'ProjectorLease1764000006100';

  async up(runner: QueryRunner): Promise<void> {
    // The fill factor leaves room for the row's next version on its page: it is renewed every second.
    await runner.query(`
      CREATE TABLE read_model.projector_lease (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        epoch bigint NOT NULL,
        holder text,
        expires_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`);
    await runner.query(`INSERT INTO read_model.projector_lease (epoch, expires_at) VALUES (0, '-infinity')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model.projector_lease');
  }
}
