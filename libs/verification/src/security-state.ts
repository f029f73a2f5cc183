import type { RecordedEvent } from '#libs/event-log';
import { type DirectoryParts, DirectoryState } from '#libs/directory/domain';
import { evolveToken, initialToken } from '#libs/tokens/domain';
import type { TokenCounts } from './token-standings.js';
import { type KnownToken, type TableImage, TokenTable } from './token-table.js';

/** The whole state at one moment; it does not change when the state does. */
export interface SecurityImage {
  readonly tokens: TableImage;
  readonly directory: DirectoryParts;
}

/**
 * Everything that decides whether a token is good, in memory: tokens by key id, and the directory. Folded from the
 * events of category `security` by the features' own evolve functions, so that no rule is written twice. Of secrets it
 * holds the keyed hashes, and nothing else.
 */
export class SecurityState {
  private tokens = new TokenTable();
  private directoryState = new DirectoryState();
  private lastEvent: RecordedEvent | null = null;
  private folded = 0;

  constructor(private readonly onQuarantine: (event: RecordedEvent, error: unknown) => void) {}

  get directory(): DirectoryState {
    return this.directoryState;
  }

  /** The token that a key id belongs to. */
  byKeyId(keyId: string): KnownToken | null {
    return this.tokens.byKeyId(keyId);
  }

  byUid(uid: string): KnownToken | null {
    return this.tokens.byUid(uid);
  }

  get tokenCount(): number {
    return this.tokens.size;
  }

  /** Numbers of tokens at an instant (epoch ms), with those that expire within `spansMs` (ascending); for metrics. */
  tokenCounts(at: number, spansMs: readonly number[]): TokenCounts {
    return this.tokens.countsAt(at, spansMs);
  }

  /** The last event that was folded; null before the first one. */
  get last(): RecordedEvent | null {
    return this.lastEvent;
  }

  /** How many events were folded since the state was made or restored. */
  get foldedCount(): number {
    return this.folded;
  }

  /** Folds one event. Never throws: what cannot be folded is reported, and its token is refused from then on. */
  apply(event: RecordedEvent): void {
    this.lastEvent = event;
    this.folded += 1;
    try {
      if (event.stream.startsWith(TOKEN_STREAM)) this.applyToToken(event);
      else this.directoryState.applyFact(event);
    } catch (error) {
      if (event.stream.startsWith(TOKEN_STREAM)) this.tokens.quarantine(event.stream.slice(TOKEN_STREAM.length));
      this.onQuarantine(event, error);
    }
  }

  image(): SecurityImage {
    return { tokens: this.tokens.image(), directory: this.directoryState.parts() };
  }

  /** Becomes what an image was taken of; `last` is the event up to which it was folded. */
  restore({ tokens, directory }: SecurityImage, last: RecordedEvent): void {
    this.tokens = TokenTable.from(tokens);
    this.directoryState = DirectoryState.from(directory);
    this.lastEvent = last;
    this.folded = 0;
  }

  private applyToToken(event: RecordedEvent): void {
    const uid = event.stream.slice(TOKEN_STREAM.length);
    const state = evolveToken(this.tokens.byUid(uid)?.state ?? initialToken, event);
    if (state.phase !== 'unborn') this.tokens.set(state);
  }
}

const TOKEN_STREAM = 'token-';
