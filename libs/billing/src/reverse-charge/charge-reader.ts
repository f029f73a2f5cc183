import { Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts';
import { EventLog } from '#libs/event-log';
import { hasReachedHead, ReadModelProgress } from '#libs/http';
import { isUid } from '#libs/kernel';
import { AccountReadModel, type ChargeEntry } from '../account-ledger/account-read-model.js';

const WAIT_MS = 2_000;

/** Finds charges that were answered before, also when the read model has not reached them yet. */
@Injectable()
export class ChargeReader {
  constructor(
    private readonly readModel: AccountReadModel,
    private readonly log: EventLog,
    private readonly progress: ReadModelProgress,
  ) {}

  /** Refuses `not_found`, and `not_ready` when the read model is too far behind to tell. */
  async find(chargeUid: string): Promise<ChargeEntry> {
    if (!isUid(chargeUid, 'chg')) throw refuse('not_found');
    const found = await this.readModel.charge(chargeUid);
    if (found !== null) return found;
    if (!(await hasReachedHead(this.progress, this.log, WAIT_MS))) throw refuse('not_ready');
    const now = await this.readModel.charge(chargeUid);
    if (now === null) throw refuse('not_found');
    return now;
  }
}
