import type { ErrorCode } from '#libs/contracts';
import type { Clock } from '#libs/kernel';
import type { BornToken } from '#libs/tokens/domain';
import { reachRefusal, standingRefusal } from './domain/check-use.decide.js';
import { decidePayer } from './domain/payer.decide.js';
import type { UseRequest } from './domain/use-request.js';
import { principalActor } from './principal-actor.js';
import type { SecurityState } from './security-state.js';
import type { Presented, TokenProof } from './token-proof.js';
import { fingerprintOf, keyHashOf } from './use-keys.js';
import type { UsageContext } from './usage-writer.js';

/** One question to the verifier. */
export interface Check {
  /** The token string as it was presented; null when there was none. */
  readonly presented: string | null;
  /** A refusal that was found before: the wrong scheme, two credentials. */
  readonly misfit?: ErrorCode;
  readonly request: UseRequest;
  /** Whom idempotency keys belong to; null: to the token itself. */
  readonly caller: string | null;
  readonly requestId: string;
  /** True when a barrier that started after this check arrived has been passed. */
  readonly confirmed: boolean;
}

/** A use that is to be accepted, before it is recorded. */
export interface Use {
  readonly token: BornToken;
  readonly payer: string | null;
  readonly request: UseRequest;
  readonly key: { readonly keyHash: string; readonly fingerprint: string } | null;
  readonly context: UsageContext;
}

/** Why a use is not to be accepted; `token` only when its secret was proven. */
export interface Misuse {
  readonly code: ErrorCode;
  readonly token: BornToken | null;
}

/** Judges checks by the state at hand, at once; whether that state is the newest is for others to confirm. */
export class UseJudge {
  constructor(
    private readonly state: SecurityState,
    private readonly proof: TokenProof,
    private readonly clock: Clock,
  ) {}

  /** What the check presents, by its shape alone. */
  read({ misfit, presented }: Check): Presented {
    return misfit === undefined ? this.proof.read(presented) : { code: misfit };
  }

  judge(check: Check, presented: { readonly text: string; readonly keyId: string }): Use | Misuse {
    const proof = this.proof.prove(presented);
    if ('code' in proof) return { code: proof.code, token: null };
    const { token } = proof;
    const { request } = check;
    const { directory } = this.state;
    const owner = token.owner.type === 'user' ? directory.users.get(token.owner.uid) : undefined;
    const isOwnerActive = token.owner.type !== 'user' || owner?.status === 'active';
    const refusal = standingRefusal(token, isOwnerActive, this.clock.now()) ?? reachRefusal(token, request);
    if (refusal !== null) return { code: refusal, token };
    const decision = decidePayer({
      owner: token.owner,
      organizations: token.organizations,
      requester: request.requester,
      memberships: directory.membershipsOf(token.owner.uid),
    });
    if ('code' in decision) return { code: decision.code, token };
    if (request.cost > 0n && decision.payer === null) return { code: 'requester_not_allowed', token };
    return { token, payer: decision.payer, request, key: keyOf(check, token), context: contextOf(check, token) };
  }
}

function keyOf({ request, caller }: Check, token: BornToken): Use['key'] {
  if (request.idempotencyKey === null) return null;
  const keyHash = keyHashOf(caller ?? token.uid, request.idempotencyKey);
  return { keyHash, fingerprint: fingerprintOf(token.uid, request) };
}

function contextOf({ requestId }: Check, token: BornToken): UsageContext {
  return { actor: principalActor(token), requestId };
}
