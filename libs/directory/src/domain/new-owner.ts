import { type Fact, refuseField, streamOf } from '#libs/contracts';
import { CREDIT_UNIT } from '#libs/kernel';

/** Facts for one stream. */
export interface StreamFacts {
  readonly stream: string;
  readonly facts: readonly Fact[];
}

/** A user or an organization that is to be made. */
export interface NewOwner {
  readonly uid: string;
  readonly handle: string;
  /** Uid of who has the handle; null: it is free. */
  readonly holder: string | null;
  readonly own: StreamFacts;
}

/**
 * The streams that begin with a user or an organization: handle, its own, account. The handle comes first: where a
 * store takes the streams of a request one after the other, a taken handle then stops it before anything else is
 * written. Refuses `handle_taken`.
 */
export function newOwner({ uid, handle, holder, own }: NewOwner): StreamFacts[] {
  if (holder !== null) throw refuseField('handle', `${handle} is in use`, 'handle_taken');
  const account = { accountUid: uid, unit: CREDIT_UNIT, mode: 'prepaid', limit: '0' } as const;
  return [
    { stream: streamOf.handle(handle), facts: [{ type: 'HandleTaken', data: { handle, holder: uid } }] },
    own,
    { stream: streamOf.account(uid), facts: [{ type: 'AccountOpened', data: account }] },
  ];
}
