import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FreeUseKeyReader, type KeyedUse } from './free-use-keys.js';

/** Reads keyed free uses from the read model. */
@Injectable()
export class FreeUseKeyTable extends FreeUseKeyReader {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async find(keyHash: string): Promise<KeyedUse | null> {
    const rows = await this.dataSource.query<{ use_id: string; fingerprint: string }[]>(
      'SELECT use_id, fingerprint FROM read_model.free_use_keys WHERE key_hash = $1',
      [keyHash],
    );
    const row = rows[0];
    return row === undefined ? null : { useId: row.use_id, fingerprint: row.fingerprint };
  }
}
