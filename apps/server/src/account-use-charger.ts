import { type AccountLedger, chargeUse } from '#libs/billing';
import type { CommandContext } from '#libs/contracts';
import { type Clock, RandomIds } from '#libs/kernel';
import { type ChargedUse, type ChargeOfUse, type KeyedUse, UseCharger } from '#libs/verification';

/** Charges uses through the ledger of accounts: where verification and billing meet. */
export class AccountUseCharger extends UseCharger {
  private readonly ids: RandomIds;

  constructor(
    private readonly accounts: AccountLedger,
    private readonly clock: Clock,
  ) {
    super();
    this.ids = new RandomIds(() => clock.now());
  }

  async charge(use: ChargeOfUse): Promise<ChargedUse> {
    const { charge, position, replayed } = await chargeUse(this.accounts, {
      accountUid: use.account,
      amount: use.request.cost,
      useId: use.useId,
      tokenUid: use.token.uid,
      tokenPrefix: use.token.prefix,
      principal: use.token.owner.uid,
      operation: use.request.operation,
      context: this.contextOf(use),
      securityAt: use.securityAt,
      used: ({ chargeUid, useId }, conflict) => use.used(chargeUid, useId ?? use.useId, conflict),
    });
    const { useId, chargeUid, amount, balanceAfter } = charge;
    return {
      useId: useId ?? use.useId,
      chargeUid,
      amount: BigInt(amount),
      balanceAfter: BigInt(balanceAfter),
      position,
      replayed,
    };
  }

  async chargedBefore(keyHash: string, account: string | null): Promise<KeyedUse | null> {
    const fact = await this.accounts.entryOf(keyHash, account ?? '');
    if (fact === null) return null;
    const { data } = fact;
    const useId = 'useId' in data ? data.useId : null;
    const fingerprint = 'fingerprint' in data ? data.fingerprint : null;
    return { useId: useId ?? '', fingerprint: fingerprint ?? '' };
  }

  private contextOf({ context, key }: ChargeOfUse): CommandContext {
    return {
      actor: context.actor,
      requestId: context.requestId,
      correlationId: context.requestId,
      at: this.clock.now(),
      ids: this.ids,
      ...(key === null ? {} : { idempotency: key }),
    };
  }
}
