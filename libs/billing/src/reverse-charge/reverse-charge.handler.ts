import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { refuse } from '#libs/contracts';
import { comparePositions } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import type { AccountOutcome } from '../account-ledger/account-command.js';
import type { ChargeEntry } from '../account-ledger/account-read-model.js';
import type { AccountView } from '../account-ledger/live-account.js';
import { type ChargeDto, chargeDto } from '../charge.dto.js';
import { requireControlOfCharge } from '../domain/account-access.js';
import { decideReversal, type Reversal, type ReversibleCharge } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import { ChargeReader } from './charge-reader.js';
import { ReverseCharge } from './reverse-charge.command.js';

const TRIES = 8;

@CommandHandler(ReverseCharge)
export class ReverseChargeHandler implements ICommandHandler<ReverseCharge> {
  constructor(
    private readonly ledger: AccountLedger,
    private readonly charges: ChargeReader,
  ) {}

  async execute(command: ReverseCharge): Promise<Outcome<ChargeDto>> {
    const { context, chargeUid, wish, principal } = command;
    const reversal: Reversal = {
      chargeUid: context.ids.uid('chg'),
      amount: wish.amount === undefined ? null : BigInt(wish.amount),
      reason: wish.reason,
    };
    for (let tries = 1; ; tries += 1) {
      const entry = await this.charges.find(chargeUid);
      requireControlOfCharge(principal, entry.accountUid);
      try {
        const { fact, position, replayed } = await this.reverse(entry, reversal, command);
        assert(fact?.type === 'ChargeReversed' && position !== null, 'a reversal is always recorded');
        return { body: chargeDto(fact.data), position, replayed };
      } catch (error) {
        if (!(error instanceof StaleEntry)) throw error;
        if (tries === TRIES) throw refuse('not_ready', { headers: { 'retry-after': '1' } });
      }
    }
  }

  private reverse(entry: ChargeEntry, reversal: Reversal, { context }: ReverseCharge): Promise<AccountOutcome> {
    return this.ledger.execute({
      accountUid: entry.accountUid,
      context,
      decide: (account) => ({
        facts: decideReversal(account.state, reversibleCharge(entry, account), reversal, context),
      }),
    });
  }
}

/** The account in memory has forgotten reversals that the table did not hold yet when it was asked. */
class StaleEntry extends Error {
  override name = 'StaleEntry';
}

/** Every reversal of the charge stands in the table as it was read, or in memory, or in both. */
function reversibleCharge({ charge, covered, reversals, grants }: ChargeEntry, account: AccountView): ReversibleCharge {
  if (charge === null) throw refuse('already_reversed', { detail: 'A reversal cannot be reversed: charge again.' });
  if (comparePositions(covered, account.since) < 0) throw new StaleEntry();
  const all = new Map([...reversals, ...account.reversalsOf(charge.chargeUid)]);
  const reversed = [...all.values()].reduce((sum, amount) => sum + amount, 0n);
  return { charge, reversed, grants };
}
