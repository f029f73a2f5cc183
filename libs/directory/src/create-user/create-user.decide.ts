import { hasInstanceRole, refuse, streamOf } from '#libs/contracts';
import { newOwner, type StreamFacts } from '../domain/new-owner.js';
import type { CreateUser } from './create-user.command.js';

/** What the decision is made on. */
export interface CreateUserState {
  readonly userUid: string;
  /** Uid of who has the handle; null: it is free. */
  readonly holder: string | null;
}

/** The streams of a new user. Refuses `permission_denied` to everybody but instance admins, and `handle_taken`. */
export function decideCreateUser({ userUid, holder }: CreateUserState, { principal, data }: CreateUser): StreamFacts[] {
  if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
  const { handle, email, name = handle } = data;
  const own: StreamFacts = {
    stream: streamOf.user(userUid),
    facts: [{ type: 'UserCreated', data: { userUid, handle, email, name } }],
  };
  return newOwner({ uid: userUid, handle, holder, own });
}
