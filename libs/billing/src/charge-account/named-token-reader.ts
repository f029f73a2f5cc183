import { Injectable } from '@nestjs/common';
import { streamOf } from '#libs/contracts';
import { EventLog } from '#libs/event-log';
import { assert } from '#libs/kernel';
import type { NamedToken } from './charge-account.decide.js';

/** Finds tokens by the first event of their stream: neither owner nor prefix ever change. */
@Injectable()
export class NamedTokenReader {
  constructor(private readonly log: EventLog) {}

  /** The token, in whatever status; null when there is none. Throws LogUnavailable. */
  async find(tokenUid: string): Promise<NamedToken | null> {
    const [created] = await this.log.readStream(streamOf.token(tokenUid), { limit: 1 });
    if (created === undefined) return null;
    const { data } = created;
    assert('prefix' in data && 'owner' in data, 'the stream of a token begins with its TokenCreated');
    return { prefix: data.prefix, owner: data.owner };
  }
}
