import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { refuse, streamOf } from '#libs/contracts';
import { EventLog, type Position } from '#libs/event-log';
import { assert } from '#libs/kernel';
import type { FeedEntry } from './charge-event.js';
import { feedEntryOf } from './feed-entry-of.js';
import type { FeedScope } from './list-charges.query.js';

/** The log is asked at most so often by one who waits, however busy other accounts are. */
const ASK_AGAIN_MS = 100;

/** Reads of the log that one page may cost; where most of what they find is in no feed, the page is shorter. */
const READS_MAX = 8;
/** Most events of an account are charges; of all accounts, those of persons are passed over. */
const EVENTS_A_READ_MIN = 256;

export interface FeedRead {
  readonly scope: FeedScope;
  /** Where the page begins: a revision of the account's stream, or, for all organizations, after a position; 0: at the start. */
  readonly from: bigint;
  readonly limit: number;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface FeedStretch {
  readonly entries: readonly FeedEntry[];
  /** Where the next page begins. */
  readonly next: bigint;
}

/**
 * Reads feeds from the log itself: the feed of an account is its stream, that of all organizations the streams of all
 * accounts, without what is no charge. So a charge is in its feed as soon as it was answered.
 */
@Injectable()
export class FeedSource implements BeforeApplicationShutdown {
  private installationUid: string | null = null;
  private readonly closing = new AbortController();

  constructor(private readonly log: EventLog) {}

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

  /** The entries from a place on; after `waitMs` none. Refuses `invalid_cursor` for a place that there is not yet. */
  async read(feed: FeedRead): Promise<FeedStretch> {
    const signal = AbortSignal.any([feed.signal, this.closing.signal]);
    const until = performance.now() + feed.waitMs;
    const left = (): number => Math.max(0, until - performance.now());
    // Before the feed is read: what is appended later wakes who waits.
    let { all: head } = await this.log.heads();
    await this.requirePlace(feed, head);
    let stretch = await this.page(feed);
    while (stretch.entries.length === 0 && left() > 0 && !signal.aborted) {
      await this.log.waitForEvents(head, left(), signal);
      ({ all: head } = await this.log.heads());
      stretch = await this.page({ ...feed, from: stretch.next });
      if (stretch.entries.length > 0) break;
      await pause(Math.min(ASK_AGAIN_MS, left()), undefined, { signal }).catch(stopped);
    }
    return stretch;
  }

  /** A page begins behind something that was read, so that must be there. */
  private async requirePlace({ scope, from }: FeedRead, head: Position): Promise<void> {
    if (from === 0n) return;
    if (scope === 'organizations') {
      if (from > head) throw refuse('invalid_cursor');
      return;
    }
    const [before] = await this.log.readStream(streamOf.account(scope.accountUid), { from: from - 1n, limit: 1 });
    if (before === undefined) throw refuse('invalid_cursor');
  }

  private async page({ scope, from, limit }: Pick<FeedRead, 'scope' | 'from' | 'limit'>): Promise<FeedStretch> {
    const entries: FeedEntry[] = [];
    let next = from;
    for (let reads = 0; reads < READS_MAX && entries.length < limit; reads += 1) {
      const wanted = limit - entries.length;
      const found =
        scope === 'organizations' ? await this.ofAll(next, wanted) : await this.ofAccount(scope, next, wanted);
      entries.push(...found.entries);
      next = found.next;
      if (found.isEnd) break;
    }
    return { entries, next };
  }

  private async ofAccount({ accountUid }: { accountUid: string }, from: bigint, wanted: number): Promise<Found> {
    const events = await this.log.readStream(streamOf.account(accountUid), { from, limit: wanted });
    const entries = events.map(feedEntryOf).filter((entry) => entry !== null);
    const last = events.at(-1);
    return { entries, next: last === undefined ? from : last.revision + 1n, isEnd: events.length < wanted };
  }

  private async ofAll(from: bigint, wanted: number): Promise<Found> {
    const limit = Math.max(EVENTS_A_READ_MIN, wanted);
    const batch = await this.log.readAll({ after: from as Position, limit, categories: ['account'] });
    const entries: FeedEntry[] = [];
    for (const event of batch.events) {
      const entry = feedEntryOf(event);
      if (entry?.accountUid.startsWith('org_') !== true) continue;
      entries.push(entry);
      if (entries.length === wanted) return { entries, next: event.position, isEnd: false };
    }
    return { entries, next: batch.next, isEnd: batch.events.length < limit };
  }
}

interface Found extends FeedStretch {
  readonly isEnd: boolean;
}

/** An aborted pause is over, and the loop looks at the signal by itself. */
function stopped(): void {}
