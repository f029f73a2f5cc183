import type { Fact } from '#libs/contracts';
import type { OwnerSlots, TokenSlot } from './owner-slots.js';
import type { BornToken } from './token.js';

/** True when what happened to a token moves or frees its place among those of its owner. */
export function touchesSlot(facts: readonly Fact[]): boolean {
  return endsToken(facts) || facts.some((fact) => fact.type === 'TokenUpdated' && 'expiresAt' in fact.data.changes);
}

/** True when the facts end a token. */
export function endsToken(facts: readonly Fact[]): boolean {
  return facts.some(({ type }) => type === 'TokenRevoked' || type === 'TokenExpired');
}

/** What follows for the slots of the owner; `token` is the token after the facts. Nothing where the slot is free already. */
export function slotFactsOf(token: BornToken, slots: OwnerSlots): Fact<'TokenSlotTaken' | 'TokenSlotReleased'>[] {
  const slot = slots.taken.get(token.uid);
  if (token.phase === 'live') return slot?.expiresAt === token.expiresAt ? [] : [slotTaken(token)];
  if (slot === undefined) return [];
  return [{ type: 'TokenSlotReleased', data: { ownerUid: token.owner.uid, tokenUid: token.uid } }];
}

/** The fact that a token takes its place. */
export function slotTaken(token: {
  readonly uid: string;
  readonly owner: { readonly uid: string };
  readonly type: TokenSlot['type'];
  readonly handle: string;
  readonly expiresAt: string | null;
}): Fact<'TokenSlotTaken'> {
  const { uid, owner, type, handle, expiresAt } = token;
  return { type: 'TokenSlotTaken', data: { ownerUid: owner.uid, tokenUid: uid, type, handle, expiresAt } };
}
