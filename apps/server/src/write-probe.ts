import type { DataSource } from 'typeorm';

/** A few pages, so that a disk with room for none of the next appends does not pass. */
const WRITE = `CREATE TABLE platform.write_probe AS SELECT repeat('x', 2000) AS filler FROM generate_series(1, 64)`;

/** Writes some pages into the database and takes them back at once. Rejects with what keeps it from writing. */
export async function probeWriting(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.startTransaction();
    try {
      await runner.query(WRITE);
    } finally {
      await runner.rollbackTransaction();
    }
  } finally {
    await runner.release();
  }
}
