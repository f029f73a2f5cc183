import {
  type ErrorCode,
  type InstanceRole,
  isRefusal,
  type MemberRole,
  parseAuthorization,
  type Principal,
  refuse,
} from '#libs/contracts';
import { Authenticator, type PresentedCredential } from '#libs/http';
import type { Clock, LedgerErrorOptions } from '#libs/kernel';
import type { BornToken } from '#libs/tokens/domain';
import type { Barrier } from './barrier.js';
import { isFromAllowedAddress, standingRefusal } from './domain/check-use.decide.js';
import { principalActor } from './principal-actor.js';
import type { Refusals } from './refusals.js';
import type { SecurityState } from './security-state.js';
import { SeenTokens } from './seen-tokens.js';
import type { TokenProof } from './token-proof.js';
import type { UsageWriter } from './usage-writer.js';
import { EMPTY_REQUEST } from './domain/use-request.js';

export interface AuthenticatorParts {
  readonly state: SecurityState;
  readonly barrier: Barrier;
  readonly proof: TokenProof;
  readonly refusals: Refusals;
  readonly usage: UsageWriter;
  readonly clock: Clock;
  readonly onUseOfFlagged: (token: BornToken, usedAt: number) => Promise<void>;
  /** Told when a use of the API could not be recorded; the call goes on. */
  readonly onRecordFailure: (error: unknown) => void;
}

/** What nearly every client sends; anything else is read with care, and its caller confirmed first. */
const PLAIN_BEARER = 'Bearer ';

type ProvenToken =
  { readonly code: null; readonly token: BornToken } | { readonly code: ErrorCode; readonly token: BornToken | null };

const ALL_ROLES: readonly InstanceRole[] = ['admin'];
const NO_MEMBERSHIPS: ReadonlyMap<string, MemberRole> = new Map();

/** Authenticates calls of the ledger's own API by the same state and the same barrier that verification answers from. */
export class TokenAuthenticator extends Authenticator {
  private readonly seen = new SeenTokens();

  constructor(private readonly parts: AuthenticatorParts) {
    super();
  }

  async authenticate(presented: PresentedCredential): Promise<Principal> {
    const { barrier, proof } = this.parts;
    const text = await this.bearer(presented);
    const shape = proof.read(text);
    if ('code' in shape) return this.refuse(presented, shape.code, null);
    await barrier.confirm();
    const found = this.prove(shape, presented.ip);
    if (found.code !== null) return this.refuse(presented, found.code, found.token);
    this.recordSeen(presented, found.token);
    return this.principalOf(found.token);
  }

  override recognise(presented: PresentedCredential): Principal | null {
    const token = this.tokenAtHand(presented);
    // The first call of a minute is recorded, and that is for calls whose caller is confirmed.
    if (token === null || !this.seen.isKnown(token.uid, presented.ip, this.parts.clock.now())) return null;
    return this.principalOf(token);
  }

  override lastKnown(presented: PresentedCredential): Principal | null {
    const token = this.tokenAtHand(presented);
    return token === null ? null : this.principalOf(token);
  }

  /** The token, where it is good by the state at hand. */
  private tokenAtHand({ authorization, ip }: PresentedCredential): BornToken | null {
    const { proof } = this.parts;
    if (typeof authorization !== 'string' || !authorization.startsWith(PLAIN_BEARER)) return null;
    const shape = proof.read(authorization.slice(PLAIN_BEARER.length));
    if ('code' in shape) return null;
    const found = this.prove(shape, ip);
    return found.code === null ? found.token : null;
  }

  /** The token, and why it is not good from this address; `code` is null when it is. */
  private prove(shape: { readonly text: string; readonly keyId: string }, ip: string): ProvenToken {
    const { proof, state, clock } = this.parts;
    const found = proof.prove(shape);
    if ('code' in found) return { code: found.code, token: null };
    const { token } = found;
    const user = token.owner.type === 'user' ? state.directory.users.get(token.owner.uid) : undefined;
    const isOwnerActive = token.owner.type !== 'user' || user?.status === 'active';
    const refusal = standingRefusal(token, isOwnerActive, clock.now());
    if (refusal !== null) return { code: refusal, token };
    return { code: isFromAllowedAddress(token, ip) ? null : 'ip_not_allowed', token };
  }

  private async bearer(presented: PresentedCredential): Promise<string | null> {
    try {
      const header = parseAuthorization(presented.authorization);
      if (header === null) return null;
      return header.scheme === 'bearer'
        ? header.token || 'malformed'
        : await this.refuse(presented, 'wrong_scheme', null);
    } catch (error) {
      if (isRefusal(error, 'malformed_token')) return this.refuse(presented, error.code, null, error.options);
      throw error;
    }
  }

  private principalOf(token: BornToken): Principal {
    const { directory } = this.parts.state;
    const { owner } = token;
    const user = owner.type === 'user' ? directory.users.get(owner.uid) : undefined;
    return {
      actor: principalActor(token),
      userUid: owner.type === 'user' ? owner.uid : null,
      instanceRoles: owner.type === 'installation' ? ALL_ROLES : (user?.instanceRoles ?? []),
      memberships: membershipsOf(token, directory.membershipsOf(owner.uid)),
      token: {
        uid: token.uid,
        prefix: token.prefix,
        type: token.type,
        owner,
        access: token.access,
        scopes: token.scopes,
        organizations: token.organizations,
        expiresAt: token.expiresAt,
      },
    };
  }

  private recordSeen(presented: PresentedCredential, token: BornToken): void {
    const { usage, clock, onRecordFailure, onUseOfFlagged } = this.parts;
    if (!this.seen.isFirst(token.uid, presented.ip, clock.now())) return;
    const { uid: tokenUid, prefix: tokenPrefix, owner } = token;
    const data = { tokenUid, tokenPrefix, owner, ip: presented.ip, userAgent: presented.userAgent };
    const context = { actor: principalActor(token), requestId: presented.requestId };
    const recorded = usage.store(usage.append({ type: 'TokenSeen', data }, context));
    void recorded
      .then(() => (token.unusedSince === null ? undefined : onUseOfFlagged(token, clock.now())))
      .catch(onRecordFailure);
  }

  private async refuse(
    presented: PresentedCredential,
    code: ErrorCode,
    token: BornToken | null,
    options: LedgerErrorOptions = {},
  ): Promise<never> {
    const request = { ...EMPTY_REQUEST, operation: 'api', ip: presented.ip, userAgent: presented.userAgent };
    await this.parts.refusals.record({ code, token, request, requestId: presented.requestId });
    throw refuse(code, options);
  }
}

/** Memberships that the token may act by: those of its owner it is narrowed to; an organization's token is its admin. */
function membershipsOf(token: BornToken, ofOwner: ReadonlyMap<string, MemberRole>): ReadonlyMap<string, MemberRole> {
  if (token.owner.type === 'organization') return new Map([[token.owner.uid, 'admin']]);
  if (token.owner.type === 'installation') return NO_MEMBERSHIPS;
  const { organizations } = token;
  if (organizations === null) return ofOwner;
  return new Map([...ofOwner].filter(([organization]) => organizations.includes(organization)));
}
