import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { refuse, streamOf } from '#libs/contracts';
import { comparePositions, EventLog, parsePosition, type Position } from '#libs/event-log';
import { ReadModelProgress } from '#libs/http';
import { assert } from '#libs/kernel';
import { AccountEntryEntity } from '../read-model/account-entry.entity.js';
import type { FeedScope } from './list-charges.query.js';

/** The read model is asked at most so often by one who waits, however busy other accounts are. */
const ASK_AGAIN_MS = 100;

export interface FeedRead {
  readonly scope: FeedScope;
  readonly after: Position;
  readonly limit: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** Reads entries of feeds from the read model, and waits for new ones. */
@Injectable()
export class FeedSource implements BeforeApplicationShutdown {
  private installationUid: string | null = null;
  private readonly closing = new AbortController();

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: EventLog,
    private readonly progress: ReadModelProgress,
  ) {}

  /** Whoever waits is answered at once, so that the server need not wait for them. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
  }

  /** Uid of this ledger: it stands in sources and cursors. */
  async installation(): Promise<string> {
    if (this.installationUid !== null) return this.installationUid;
    const [first] = await this.log.readStream(streamOf.system, { limit: 1 });
    const data = first?.data;
    assert(data !== undefined && 'installationUid' in data, 'a ledger begins with its InstallationInitialized');
    this.installationUid = data.installationUid;
    return data.installationUid;
  }

  /** The entries after a position; after `waitMs` none. Refuses `invalid_cursor` for a position beyond the head. */
  async read(feed: FeedRead): Promise<AccountEntryEntity[]> {
    const signal = AbortSignal.any([feed.signal, this.closing.signal]);
    const until = performance.now() + feed.waitMs;
    let entries = await this.entries(feed);
    if (entries.length > 0) return entries;
    let { all: head } = await this.log.heads();
    if (comparePositions(feed.after, head) > 0) throw refuse('invalid_cursor');
    for (let left = feed.waitMs; left > 0 && !signal.aborted; left = until - performance.now()) {
      // What the log holds by now may be missing in the answer above, and nothing would wake who waits for more.
      await this.progress.waitFor(head, left);
      entries = await this.entries(feed);
      if (entries.length > 0) return entries;
      await pause(Math.max(0, Math.min(ASK_AGAIN_MS, until - performance.now())), undefined, { signal }).catch(stopped);
      await this.log.waitForEvents(head, Math.max(0, until - performance.now()), signal);
      ({ all: head } = await this.log.heads());
    }
    return entries;
  }

  private entries({ scope, after, limit }: FeedRead): Promise<AccountEntryEntity[]> {
    const query = this.dataSource
      .getRepository(AccountEntryEntity)
      .createQueryBuilder('entry')
      .where('entry.position > :after AND entry.charge_number IS NOT NULL', { after: after.toString() })
      .orderBy('entry.position')
      .limit(limit);
    if (scope === 'organizations') return query.andWhere("starts_with(entry.account_uid, 'org_')").getMany();
    return query.andWhere('entry.account_uid = :uid', { uid: scope.accountUid }).getMany();
  }
}

/** An aborted pause is over, and the loop looks at the signal by itself. */
function stopped(): void {}

/** Where the log stood with an entry. */
export function positionOf(entry: AccountEntryEntity): Position {
  return parsePosition(entry.position);
}
