import type { Position } from '#libs/event-log';
import type { AccountReadModel, KeyedEntries, RecordedEntry } from './account-read-model.js';
import { fromReadModel } from './read-model-away.js';
import type { RecentEntries } from './recent-entries.js';

export interface KeyLookup {
  /** The table held every entry up to this position when it was asked. */
  readonly covered: Position;
  readonly entry: RecordedEntry | undefined;
}

interface Round {
  readonly keyHashes: string[];
  readonly answer: Promise<KeyedEntries>;
}

/** Asks the table of entries for keys: those that arrive together, or while a query is under way, share the next one. */
export class KeyLookups {
  private gathering: Round | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly readModel: AccountReadModel,
    private readonly recent: RecentEntries,
  ) {}

  /** The entry of a key, that of the account where there are several. Throws ReadModelAway. */
  async find(keyHash: string, accountUid: string): Promise<KeyLookup> {
    const round = (this.gathering ??= this.begin());
    round.keyHashes.push(keyHash);
    const { covered, found } = await round.answer;
    const entries = found.get(keyHash);
    return { covered, entry: entries?.find((entry) => entry.accountUid === accountUid) ?? entries?.[0] };
  }

  private begin(): Round {
    const keyHashes: string[] = [];
    const answer = this.last.then(() => this.ask(keyHashes));
    this.last = answer.catch(() => undefined);
    return { keyHashes, answer };
  }

  private async ask(keyHashes: readonly string[]): Promise<KeyedEntries> {
    this.gathering = null;
    const entries = await fromReadModel(this.readModel.entriesOf(keyHashes));
    this.recent.forget(entries.covered, entries.quarantined);
    return entries;
  }
}
