import type { EventData, Fact } from '#libs/contracts';
import { slotTaken } from './slot-facts.js';

/** Everything that is decided of a new token but its secret. */
export type NewToken = Omit<EventData<'TokenCreated'>, 'keyId' | 'prefix' | 'secretVersion'>;

/** What is stored of the first secret. */
export interface NewSecret {
  readonly keyId: string;
  readonly prefix: string;
  readonly verifier: string;
  readonly pepperId: string;
}

/** The facts of a new token, for the streams `token-<uid>` (which must hold nothing) and `owner-<uid>`, in one request. */
export interface NewTokenFacts {
  readonly created: Fact<'TokenCreated'>;
  readonly slot: Fact<'TokenSlotTaken'>;
}

/** The facts of a new token. The verifier goes into the private part, which no list and no export shows. */
export function newTokenFacts(token: NewToken, secret: NewSecret): NewTokenFacts {
  const { keyId, prefix, verifier, pepperId } = secret;
  return {
    created: {
      type: 'TokenCreated',
      data: { ...token, keyId, prefix, secretVersion: 1 },
      private: { verifier, pepperId },
    },
    slot: slotTaken({ ...token, uid: token.tokenUid }),
  };
}
