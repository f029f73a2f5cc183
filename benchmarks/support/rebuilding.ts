import pg from 'pg';
import { digestTables, type ReadModelDigest, type RebuildResult } from '#libs/projections';
import { PROJECTIONS } from '../../apps/server/src/parts.js';
import type { CleanUp } from './clean-up.js';
import type { InProcessLedger } from './in-process-ledger.js';
import { BenchmarkFailed } from './run-benchmark.js';

const LIVE_WITHIN_MS = 600_000;

/** One rebuild of all read models, and what they held before and after. */
export interface Rebuilt {
  readonly result: RebuildResult;
  readonly before: readonly ReadModelDigest[];
  readonly after: readonly ReadModelDigest[];
}

/** Empties and rebuilds the read models of a ledger. */
export class Rebuilding {
  private constructor(
    private readonly ledger: InProcessLedger,
    private readonly pool: pg.Pool,
  ) {}

  static open(cleanUp: CleanUp, ledger: InProcessLedger): Rebuilding {
    const pool = new pg.Pool({ connectionString: ledger.services.store.connectionString, max: 1 });
    cleanUp.add(() => pool.end());
    return new Rebuilding(ledger, pool);
  }

  /** Waits until every event of the log stands in the read models. */
  async untilLive(): Promise<void> {
    const { log, projections } = this.ledger.services.store;
    if (await projections.waitFor((await log.heads()).all, LIVE_WITHIN_MS)) return;
    throw new BenchmarkFailed('the read models do not catch up');
  }

  /** The live tables are emptied first: what is there afterwards can only come from the log. */
  async rebuild(): Promise<Rebuilt> {
    const { projections } = this.ledger.services.store;
    const before = await digestTables(this.pool, PROJECTIONS);
    const tables = new Set(PROJECTIONS.map(({ table }) => `read_model.${table.name}`));
    await this.pool.query(`truncate ${[...tables].join(', ')}`);
    const result = await projections.rebuild();
    await this.untilLive();
    return { result, before, after: await digestTables(this.pool, PROJECTIONS) };
  }
}

/** Names of the read models that a rebuild did not bring back row for row. */
export function differencesOf({ before, after }: Pick<Rebuilt, 'before' | 'after'>): string[] {
  return before.flatMap(({ projection, digest, rows }, index) => {
    const found = after[index];
    return found?.digest === digest && found.rows === rows && found.projection === projection ? [] : [projection];
  });
}
