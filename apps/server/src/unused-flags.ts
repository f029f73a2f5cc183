import { type Fact, streamOf } from '#libs/contracts';
import type { ThrottledLog } from '#libs/http';
import { toInstant } from '#libs/kernel';
import { type BornToken, isLiveAt, tokenDecider } from '#libs/tokens/domain';
import type { Store } from './open-store.js';
import { systemContext } from './system-context.js';

/** Takes the flag off a token at its first use, so that nobody reviews as unused what is in use. */
export class UnusedFlags {
  constructor(
    private readonly store: Store,
    private readonly trouble: ThrottledLog,
  ) {}

  /** Records TokenUnusedCleared. Never throws: the sweep finds a flagged token that was used a little later. */
  async clear({ uid, owner }: BornToken, usedAtMs: number): Promise<void> {
    const fact: Fact = { type: 'TokenUnusedCleared', data: { tokenUid: uid, owner, usedAt: toInstant(usedAtMs) } };
    try {
      await this.store.streams.execute({
        stream: streamOf.token(uid),
        decider: tokenDecider,
        context: systemContext(this.store.clock),
        decide: (token) => (isLiveAt(token, usedAtMs) && token.unusedSince !== null ? [fact] : []),
      });
    } catch (error) {
      this.trouble.warn({ err: error, tokenUid: uid }, 'the unused flag could not be cleared at once');
    }
  }
}
