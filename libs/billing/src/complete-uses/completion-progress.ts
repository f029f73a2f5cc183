import type { DataSource } from 'typeorm';
import { formatPosition, parsePosition, type Position, START } from '#libs/event-log';

/** Up to where every charge of a use is known to have its TokenUsed, whichever process found that out. */
export abstract class CompletionProgress {
  /** START when nothing is known. */
  abstract read(): Promise<Position>;
  /** Never goes back. */
  abstract advance(position: Position): Promise<void>;
}

/** Keeps it in the database of the read models. It can be emptied at any time: the next run reads the whole log. */
export class CompletionProgressTable extends CompletionProgress {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async read(): Promise<Position> {
    const rows = await this.dataSource.query<{ position: string }[]>('SELECT position FROM platform.use_completion');
    return rows[0] === undefined ? START : parsePosition(rows[0].position);
  }

  override async advance(position: Position): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO platform.use_completion (position) VALUES ($1)
        ON CONFLICT (singleton) DO UPDATE SET position = GREATEST(use_completion.position, excluded.position)`,
      [formatPosition(position)],
    );
  }
}
