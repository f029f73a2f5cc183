import type { Actor, EventData, EventMetadata } from '#libs/contracts';
import { assert, fromInstant } from '#libs/kernel';
import { type FoldedEvent, isTokenEvent, occurredAtOf, type TokenEvent } from './folded-event.js';
import type { BornToken, LiveToken, Token, TokenActor, TokenState } from './token.js';

/** Nothing has happened yet in this stream. */
export const initialToken: TokenState = { phase: 'unborn' };

/** Fields that TokenUpdated may list; others in it are not of this build, and change nothing. */
const UPDATABLE = [
  'name',
  'description',
  'access',
  'scopes',
  'organizations',
  'allowedIps',
  'expiresAt',
  'neverReason',
] as const satisfies readonly (keyof Token)[];

export type UpdatableField = (typeof UPDATABLE)[number];

/**
 * The state after an event of stream `token-<uid>`. What is final stays so, whatever follows: a revoked token can never
 * become good again. Throws InvariantViolation for any event that is not of a token: for a check that means to deny.
 */
export function evolveToken(state: TokenState, event: FoldedEvent): TokenState {
  assert(isTokenEvent(event), `${event.type} is not an event of a token`);
  if (event.type === 'TokenCreated') {
    assert(state.phase === 'unborn', 'TokenCreated is the first event of its stream');
    return created(event.data, event);
  }
  assert(state.phase !== 'unborn', `${event.type} comes after TokenCreated`);
  if (event.type === 'TokenRevoked') return revoked(state, event.data.reason, event);
  return state.phase === 'live' ? evolveLive(state, event) : state;
}

/** How a stream `token-<uid>` is folded. */
export const tokenDecider = { initial: () => initialToken, evolve: evolveToken };

function evolveLive(
  state: LiveToken,
  event: Exclude<TokenEvent, { type: 'TokenCreated' | 'TokenRevoked' }>,
): BornToken {
  switch (event.type) {
    case 'TokenUpdated':
      return updated(state, event.data.changes);
    case 'TokenDisabled':
      return { ...state, disabled: true };
    case 'TokenEnabled':
      return { ...state, disabled: false };
    case 'TokenFlaggedUnused':
      return { ...state, unusedSince: event.data.lastUsedAt ?? state.createdAt };
    case 'TokenUnusedCleared':
      return { ...state, unusedSince: null };
    case 'TokenExpired': {
      const { phase: _phase, disabled: _disabled, ...token } = state;
      return { ...token, phase: 'expired' };
    }
  }
}

function created(data: EventData<'TokenCreated'>, event: FoldedEvent): LiveToken {
  const { tokenUid, keyId, secretVersion, ...rest } = data;
  const createdAt = occurredAtOf(event);
  const secret = event.private as { verifier?: string; pepperId?: string } | undefined;
  return {
    phase: 'live',
    disabled: false,
    ...rest,
    uid: tokenUid,
    createdAt,
    createdBy: actorOf(event.metadata),
    expiresAtMs: expiresAtMsOf(data.expiresAt),
    unusedSince: null,
    secretVersions: [
      {
        version: secretVersion,
        keyId,
        verifier: secret?.verifier ?? null,
        pepperId: secret?.pepperId ?? null,
        createdAt,
        retiresAt: null,
      },
    ],
  };
}

function updated(state: LiveToken, changes: EventData<'TokenUpdated'>['changes']): LiveToken {
  const after: Record<string, unknown> = {};
  for (const field of UPDATABLE) {
    const change = changes[field];
    if (change !== undefined) after[field] = change.after;
  }
  const next = { ...state, ...after } as LiveToken;
  return { ...next, expiresAtMs: expiresAtMsOf(next.expiresAt) };
}

function revoked(state: BornToken, reason: string | null, event: FoldedEvent): BornToken {
  if (state.phase === 'revoked') return state;
  const { phase: _phase, ...rest } = state;
  const { disabled: _disabled, ...token } = rest as Omit<LiveToken, 'phase'>;
  return {
    ...token,
    phase: 'revoked',
    revokedAt: occurredAtOf(event),
    revokedBy: actorOf(event.metadata),
    revokeReason: reason,
  };
}

/** Epoch milliseconds of an expiry; Infinity for never. */
export function expiresAtMsOf(expiresAt: string | null): number {
  return expiresAt === null ? Number.POSITIVE_INFINITY : fromInstant(expiresAt);
}

function actorOf(metadata: EventMetadata): TokenActor {
  const { actorType = 'system', actorUid = 'system' } = metadata as { actorType?: Actor['type']; actorUid?: string };
  return { type: actorType, uid: actorUid };
}
