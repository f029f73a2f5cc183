import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { assert, parseInstant } from '#libs/kernel';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { requireControl } from '../domain/account-access.js';
import { type CreditGrant, decideGrant } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import { GrantCredits, type GrantWish } from './grant-credits.command.js';
import { type GrantDto, grantDto } from './grant.dto.js';
import { PRIORITY_DEFAULT } from './grant-credits.dto.js';

@CommandHandler(GrantCredits)
export class GrantCreditsHandler implements ICommandHandler<GrantCredits> {
  constructor(private readonly ledger: AccountLedger) {}

  async execute({ principal, context, accountUid, wish }: GrantCredits): Promise<Outcome<GrantDto>> {
    requireControl(principal, accountUid);
    const grant = grantOf(context.ids.uid('grt'), wish);
    const { fact, position, replayed } = await this.ledger.execute({
      accountUid,
      context,
      decide: ({ state }) => ({ facts: decideGrant(state, grant, context) }),
    });
    assert(fact?.type === 'CreditsGranted' && position !== null, 'a grant is always recorded');
    return { body: grantDto(fact.data), position, replayed };
  }
}

function grantOf(grantUid: string, wish: GrantWish): CreditGrant {
  return {
    grantUid,
    amount: BigInt(wish.amount),
    kind: wish.kind,
    effectiveAt: typeof wish.effectiveAt === 'string' ? parseInstant(wish.effectiveAt) : null,
    expiresAt: typeof wish.expiresAt === 'string' ? parseInstant(wish.expiresAt) : null,
    priority: wish.priority ?? PRIORITY_DEFAULT,
    reason: wish.reason,
  };
}
