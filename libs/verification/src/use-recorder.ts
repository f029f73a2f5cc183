import { type Fact, refuse } from '#libs/contracts';
import type { Position } from '#libs/event-log';
import { type Clock, RandomIds, uidFrom } from '#libs/kernel';
import type { FreeUseKeys } from './free-use-keys.js';
import type { UsageWriter } from './usage-writer.js';
import type { UseCharger } from './use-charger.js';
import type { Use } from './use-judge.js';
import { type Accepted, refused, type Verdict } from './verdict.js';

/** The verdict, and where the log stands with what was recorded of it. */
export interface Checked {
  readonly verdict: Verdict;
  readonly position: Position | null;
}

export interface UseRecorderParts {
  readonly usage: UsageWriter;
  readonly charger: UseCharger;
  readonly freeKeys: FreeUseKeys;
  readonly clock: Clock;
}

/** Records accepted uses, with their charges, before they are answered. */
export class UseRecorder {
  private readonly ids: RandomIds;

  constructor(private readonly parts: UseRecorderParts) {
    this.ids = new RandomIds(() => parts.clock.now());
  }

  /**
   * Stores the use, and the charge where it costs; with a key at most once. `securityAt`: position of the last security
   * event that the judgement rests on, when it is not confirmed yet; throws SecurityMoved then where others follow.
   * Refuses what the charge refuses.
   */
  record(use: Use, securityAt: Position | null): Promise<Checked> {
    if (use.request.cost > 0n && use.payer !== null) return this.recordCharged(use, use.payer, securityAt);
    if (use.key === null) return this.recordFree(use, this.ids.uid('use'), securityAt);
    return this.recordFreeOnce(use, use.key, securityAt);
  }

  private async recordCharged(use: Use, payer: string, securityAt: Position | null): Promise<Checked> {
    const { usage, charger, freeKeys } = this.parts;
    const earlier = use.key === null ? null : await freeKeys.remembered(use.key.keyHash);
    if (earlier !== null && earlier.fingerprint !== use.key?.fingerprint) throw refuse('idempotency_key_reused');
    const charged = await charger.charge({
      account: payer,
      useId: this.useIdOf(use),
      token: use.token,
      request: use.request,
      key: use.key,
      context: use.context,
      securityAt,
      used: (chargeUid, recordedUseId, conflict) => {
        if (conflict !== null) usage.leave(conflict);
        return usage.append(usedFact(use, recordedUseId, chargeUid), use.context);
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

  private async recordFree(use: Use, useId: string, securityAt: Position | null): Promise<Checked> {
    const append = this.parts.usage.append(usedFact(use, useId, null), use.context);
    const { position } = await this.parts.usage.store(append, securityAt);
    return { verdict: accepted(use, useId, {}), position };
  }

  private async recordFreeOnce(use: Use, key: NonNullable<Use['key']>, securityAt: Position | null): Promise<Checked> {
    let position: Position | null = null;
    const once = await this.parts.freeKeys.once(key.keyHash, async () => {
      // A key that was given for a use which cost something is taken, whatever this one costs.
      const charged = await this.parts.charger.chargedBefore(key.keyHash, use.payer);
      if (charged !== null) return charged;
      const useId = this.useIdOf(use);
      position = (await this.recordFree(use, useId, securityAt)).position;
      return { useId, fingerprint: key.fingerprint };
    });
    if (once.use.fingerprint !== key.fingerprint) return { verdict: refused('idempotency_key_reused'), position: null };
    return { verdict: accepted(use, once.use.useId, once.replayed ? { replayed: true } : {}), position };
  }

  /** With a key the id follows from it, so that a retry with unknown outcome names the same use. */
  private useIdOf({ key }: Use): string {
    return key === null ? this.ids.uid('use') : uidFrom('use', this.parts.clock.now(), key.keyHash);
  }
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
