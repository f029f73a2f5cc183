export { ipInCidrs, isCidr } from './cidr.js';
export { evolveToken, initialToken, tokenDecider } from './evolve-token.js';
export { type FoldedEvent, isTokenEvent, TOKEN_EVENT_TYPES, type TokenEvent } from './folded-event.js';
export { HANDLE } from './handle.js';
export { activeSlots, evolveSlots, initialSlots, OwnerSlots, slotsDecider, type TokenSlot } from './owner-slots.js';
export {
  type BornToken,
  type ExpiredToken,
  isLiveAt,
  type LiveToken,
  type RevokedToken,
  type SecretVersion,
  statusAt,
  type Token,
  type TokenActor,
  type TokenState,
  type TokenStatus,
  type UnbornToken,
} from './token.js';
export { managesToken, seesToken } from './token-access.js';
export {
  drawTokenString,
  formatTokenString,
  holdsTokenString,
  KIND_OF_TYPE,
  type ParsedTokenString,
  parseTokenString,
  shownPrefix,
  type TokenKind,
  type TokenParts,
} from './token-string.js';
