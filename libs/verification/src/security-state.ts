import type { Fact } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { DirectoryState } from '#libs/directory/domain';
import { evolveToken, initialToken, type TokenState } from '#libs/tokens/domain';

export interface KnownToken {
  readonly uid: string;
  readonly state: TokenState;
  /** An event of it could not be folded: its true state is not known, so it is refused. */
  readonly quarantined: boolean;
}

/**
 * Everything that decides whether a token is good, in memory: tokens by key id, and the directory. Folded from the
 * events of category `security` by the features' own evolve functions, so that no rule is written twice.
 */
export class SecurityState {
  readonly directory = new DirectoryState();
  private readonly tokensByUid = new Map<string, KnownToken>();
  private readonly uidByKeyId = new Map<string, string>();

  constructor(private readonly onQuarantine: (event: RecordedEvent, error: unknown) => void) {}

  /** The token that a key id belongs to. */
  byKeyId(keyId: string): KnownToken | null {
    const uid = this.uidByKeyId.get(keyId);
    return uid === undefined ? null : this.byUid(uid);
  }

  byUid(uid: string): KnownToken | null {
    return this.tokensByUid.get(uid) ?? null;
  }

  get tokenCount(): number {
    return this.tokensByUid.size;
  }

  /** Folds one event. Never throws: what cannot be folded is reported, and its token is refused from then on. */
  apply(event: RecordedEvent): void {
    const fact = event as unknown as Fact;
    try {
      if (event.stream.startsWith('token-')) this.applyToToken(event, fact);
      else this.directory.applyFact(event);
    } catch (error) {
      this.quarantine(event);
      this.onQuarantine(event, error);
    }
  }

  private applyToToken(event: RecordedEvent, fact: Fact): void {
    const uid = event.stream.slice('token-'.length);
    const known = this.tokensByUid.get(uid);
    const state = evolveToken(known?.state ?? initialToken, event);
    this.tokensByUid.set(uid, { uid, state, quarantined: known?.quarantined ?? false });
    if (fact.type === 'TokenCreated') this.uidByKeyId.set(fact.data.keyId, uid);
  }

  private quarantine(event: RecordedEvent): void {
    if (!event.stream.startsWith('token-')) return;
    const uid = event.stream.slice('token-'.length);
    const known = this.tokensByUid.get(uid);
    if (known !== undefined) this.tokensByUid.set(uid, { ...known, quarantined: true });
  }
}
