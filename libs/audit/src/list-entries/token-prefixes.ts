import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The first entry of a token tells how it was made. */
const PREFIXES = `
  SELECT asked.uid, made.token_prefix AS prefix FROM unnest($1::text[]) AS asked(uid), LATERAL (
    SELECT entry.token_prefix FROM read_model.audit_entries entry
    WHERE entry.token_uid = asked.uid ORDER BY entry.position LIMIT 1
  ) made WHERE made.token_prefix IS NOT NULL`;

/** Tells what lists show of the strings of tokens. */
@Injectable()
export class TokenPrefixes {
  constructor(private readonly dataSource: DataSource) {}

  /** By uid; a token whose making the read model does not hold is left out. */
  async of(tokenUids: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    if (tokenUids.size === 0) return new Map();
    const rows = await this.dataSource.query<{ uid: string; prefix: string }[]>(PREFIXES, [[...tokenUids]]);
    return new Map(rows.map(({ uid, prefix }) => [uid, prefix]));
  }
}
