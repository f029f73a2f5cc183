import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { refuse } from '#libs/contracts';
import { FreeUseKeyReader, type KeyedUse } from './free-use-keys.js';

/** Reads keyed free uses from the read model. */
@Injectable()
export class FreeUseKeyTable extends FreeUseKeyReader {
  constructor(
    private readonly dataSource: DataSource,
    /** True as soon as the read model holds all that was stored before the call; false when that takes too long. */
    private readonly isCaughtUp: () => Promise<boolean>,
  ) {
    super();
  }

  /**
   * Null only when no use of this key was stored before the call, on any node: a retry that reaches another node than the
   * first try did would record the use a second time. Refuses with `verification_unavailable` when that is not known.
   */
  async find(keyHash: string): Promise<KeyedUse | null> {
    const known = await this.look(keyHash);
    if (known !== null) return known;
    if (!(await this.isCaughtUp())) throw refuse('verification_unavailable');
    return this.look(keyHash);
  }

  private async look(keyHash: string): Promise<KeyedUse | null> {
    const rows = await this.dataSource.query<{ use_id: string; fingerprint: string }[]>(
      'SELECT use_id, fingerprint FROM read_model.free_use_keys WHERE key_hash = $1',
      [keyHash],
    );
    const row = rows[0];
    return row === undefined ? null : { useId: row.use_id, fingerprint: row.fingerprint };
  }
}
