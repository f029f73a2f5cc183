import { type ErrorCode, type Fact, isRefusal } from '#libs/contracts';
import { LogUnavailable, type Position } from '#libs/event-log';
import { type Clock, RandomIds, uidFrom } from '#libs/kernel';
import type { BornToken } from '#libs/tokens/domain';
import type { Barrier } from './barrier.js';
import { reachRefusal, standingRefusal } from './domain/check-use.decide.js';
import type { FreeUseKeys } from './free-use-keys.js';
import { decidePayer } from './domain/payer.decide.js';
import { principalActor } from './principal-actor.js';
import type { Refusals } from './refusals.js';
import type { SecurityState } from './security-state.js';
import type { TokenProof } from './token-proof.js';
import type { UsageContext, UsageWriter } from './usage-writer.js';
import type { UseCharger } from './use-charger.js';
import type { UseRequest } from './domain/use-request.js';
import { fingerprintOf, keyHashOf } from './use-keys.js';
import { type Accepted, type RefusalDetails, refused, type Refused, type Verdict } from './verdict.js';

export interface VerifierParts {
  readonly state: SecurityState;
  readonly barrier: Barrier;
  readonly proof: TokenProof;
  readonly refusals: Refusals;
  readonly usage: UsageWriter;
  readonly charger: UseCharger;
  readonly freeKeys: FreeUseKeys;
  readonly clock: Clock;
  /** Told of each verdict, for metrics. */
  readonly onVerdict?: (verdict: Verdict) => void;
  /** Told of each accepted use of a flagged token. */
  readonly onUseOfFlagged: (token: BornToken, usedAt: number) => Promise<void>;
}

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

/** The verdict, and where the log stands with what was recorded of it. */
export interface Checked {
  readonly verdict: Verdict;
  readonly position: Position | null;
}

/** A use that was accepted, before it is recorded. */
interface Use {
  readonly token: BornToken;
  readonly payer: string | null;
  readonly request: UseRequest;
  readonly key: { readonly keyHash: string; readonly fingerprint: string } | null;
  readonly context: UsageContext;
}

/**
 * Answers whether a token is good for something and who pays, and records it before it answers. Never from a state that
 * may be stale: what cannot be confirmed is refused with `verification_unavailable`, and costs nothing.
 */
export class Verifier {
  private readonly ids: RandomIds;

  constructor(private readonly parts: VerifierParts) {
    this.ids = new RandomIds(() => parts.clock.now());
  }

  async verify(check: Check): Promise<Checked> {
    const checked = await this.decideOrRefuse(check);
    this.parts.onVerdict?.(checked.verdict);
    return checked;
  }

  private async decideOrRefuse(check: Check): Promise<Checked> {
    try {
      return await this.decide(check);
    } catch (error) {
      if (isRefusal(error)) return { verdict: refused(error.code, detailOf(error.options.detail)), position: null };
      // A log that is away, or over its bound, confirms nothing.
      if (error instanceof LogUnavailable) return { verdict: refused('verification_unavailable'), position: null };
      throw error;
    }
  }

  private async decide(check: Check): Promise<Checked> {
    if (check.misfit !== undefined) return this.refuse(check, check.misfit, null);
    const presented = this.parts.proof.read(check.presented);
    if ('code' in presented) return this.refuse(check, presented.code, null);
    if (!check.confirmed) await this.parts.barrier.confirm();
    const proof = this.parts.proof.prove(presented);
    if ('code' in proof) return this.refuse(check, proof.code, null);
    return this.decideProven(check, proof.token);
  }

  private decideProven(check: Check, token: BornToken): Promise<Checked> {
    const { request } = check;
    const { directory } = this.parts.state;
    const owner = token.owner.type === 'user' ? directory.users.get(token.owner.uid) : undefined;
    const isOwnerActive = token.owner.type !== 'user' || owner?.status === 'active';
    const refusal = standingRefusal(token, isOwnerActive, this.parts.clock.now()) ?? reachRefusal(token, request);
    if (refusal !== null) return this.refuse(check, refusal, token);
    const decision = decidePayer({
      owner: token.owner,
      organizations: token.organizations,
      requester: request.requester,
      memberships: directory.membershipsOf(token.owner.uid),
    });
    if ('code' in decision) return this.refuse(check, decision.code, token);
    if (request.cost > 0n && decision.payer === null) return this.refuse(check, 'requester_not_allowed', token);
    return this.accept(check, {
      token,
      payer: decision.payer,
      request,
      key: keyOf(check, token),
      context: contextOf(check, token),
    });
  }

  private async accept(check: Check, use: Use): Promise<Checked> {
    try {
      const checked = await this.record(use);
      if (use.token.unusedSince !== null) await this.parts.onUseOfFlagged(use.token, this.parts.clock.now());
      return checked;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (error.code === 'insufficient_credits') return this.refuse(check, error.code, use.token);
      return { verdict: refused(error.code, detailOf(error.options.detail)), position: null };
    }
  }

  private record(use: Use): Promise<Checked> {
    if (use.request.cost > 0n && use.payer !== null) return this.recordCharged(use, use.payer);
    return use.key === null ? this.recordFree(use, this.ids.uid('use')) : this.recordFreeOnce(use, use.key);
  }

  private async recordCharged(use: Use, payer: string): Promise<Checked> {
    const useId = this.useIdOf(use);
    const charged = await this.parts.charger.charge({
      account: payer,
      useId,
      token: use.token,
      request: use.request,
      key: use.key,
      context: use.context,
      used: (chargeUid, recordedUseId, conflict) => {
        if (conflict !== null) this.parts.usage.leave(conflict);
        return this.parts.usage.append(usedFact(use, recordedUseId, chargeUid), use.context);
      },
    });
    const { chargeUid, amount, balanceAfter, position, replayed } = charged;
    const verdict = accepted(use, charged.useId, {
      chargeId: chargeUid,
      charged: amount.toString(),
      balance: balanceAfter.toString(),
      ...(replayed ? { replayed: true as const } : {}),
    });
    return { verdict, position };
  }

  private async recordFree(use: Use, useId: string): Promise<Checked> {
    const append = this.parts.usage.append(usedFact(use, useId, null), use.context);
    const { position } = await this.parts.usage.store(append);
    return { verdict: accepted(use, useId, {}), position };
  }

  private async recordFreeOnce(use: Use, key: NonNullable<Use['key']>): Promise<Checked> {
    let position: Position | null = null;
    const once = await this.parts.freeKeys.once(key.keyHash, async () => {
      const useId = this.useIdOf(use);
      position = (await this.recordFree(use, useId)).position;
      return { useId, fingerprint: key.fingerprint };
    });
    if (once.use.fingerprint !== key.fingerprint) return { verdict: refused('idempotency_key_reused'), position: null };
    return { verdict: accepted(use, once.use.useId, once.replayed ? { replayed: true } : {}), position };
  }

  /** With a key the id follows from it, so that a retry with unknown outcome names the same use. */
  private useIdOf({ key }: Use): string {
    return key === null ? this.ids.uid('use') : uidFrom('use', this.parts.clock.now(), key.keyHash);
  }

  private async refuse(check: Check, code: ErrorCode, token: BornToken | null): Promise<Checked> {
    const { request, requestId } = check;
    const position = await this.parts.refusals.record({ code, token, request, requestId });
    return { verdict: refusedFor(code, request, token), position };
  }
}

function refusedFor(code: ErrorCode, request: UseRequest, token: BornToken | null): Refused {
  return refused(code, {
    ...(code === 'insufficient_scope' && request.scope !== null ? { scope: request.scope } : {}),
    ...(token === null ? {} : { tokenUid: token.uid }),
  });
}

function detailOf(detail: string | undefined): RefusalDetails {
  return detail === undefined ? {} : { detail };
}

function keyOf({ request, caller }: Check, token: BornToken): Use['key'] {
  if (request.idempotencyKey === null) return null;
  const keyHash = keyHashOf(caller ?? token.uid, request.idempotencyKey);
  return { keyHash, fingerprint: fingerprintOf(token.uid, request) };
}

function contextOf({ requestId }: Check, token: BornToken): UsageContext {
  return { actor: principalActor(token), requestId };
}

function accepted({ token, payer }: Use, useId: string, more: Partial<Accepted>): Accepted {
  return {
    valid: true,
    code: 'valid',
    tokenUid: token.uid,
    type: token.type,
    owner: token.owner,
    principal: token.owner.uid,
    payer,
    scopes: token.scopes,
    expiresAt: token.expiresAt,
    useId,
    ...more,
  };
}

function usedFact({ token, payer, request, key }: Use, useId: string, chargeUid: string | null): Fact<'TokenUsed'> {
  const { cost, operation, scope, resource, project, environment, requester, ip, userAgent } = request;
  return {
    type: 'TokenUsed',
    data: {
      useId,
      tokenUid: token.uid,
      tokenPrefix: token.prefix,
      owner: token.owner,
      principal: token.owner.uid,
      payer,
      cost: cost.toString(),
      chargeUid,
      operation,
      scope,
      resource,
      project,
      environment,
      requester,
      ip,
      userAgent,
      idempotencyKeyHash: key?.keyHash ?? null,
      fingerprint: key?.fingerprint ?? null,
    },
  };
}
