import type { Actor } from '#libs/contracts';
import type { BornToken } from '#libs/tokens/domain';

/** Who acts when this token is used: its owner, or the token itself where the installation owns it. */
export function principalActor({ owner, uid }: BornToken): Actor {
  return owner.type === 'installation' ? { type: 'token', uid } : { type: owner.type, uid: owner.uid };
}
