import { describe, expect, it } from '@jest/globals';
import { type AccountFact, type Charge, chargeOf, decideCharge, decideGrant, decideReversal } from '../domain/index.js';
import { ACME, ADA, AT, chargeOfAmount, givenAccount, opened, uid } from '../testing/account-facts.js';
import { type ChargeEvent, chargeEventOf } from './charge-event.js';

const CALLER = 'tok_01JD000000000000000CA11ER0';
const TOKEN = 'tok_01JD00000000000000000000TK';

/** The names of the contract, in the order of its example. */
const ENVELOPE = [
  ...['specversion', 'type', 'source', 'id', 'subject', 'time', 'datacontenttype', 'dataschema', 'sequence'],
  ...['partitionkey', 'recordedtime', 'correlationid', 'causationid', 'authtype', 'authid', 'data'],
];
const DATA = [
  ...['chargeId', 'chargeNumber', 'kind', 'useId', 'payer', 'organization', 'principal', 'tokenUid', 'tokenPrefix'],
  ...['operation', 'quantity', 'quantityUnit', 'amount', 'scale', 'unit', 'price', 'allocations', 'holdId', 'reverses'],
  ...['reason', 'balanceAfter', 'period', 'servicePeriod', 'labels'],
];

const token = { tokenUid: TOKEN, tokenPrefix: 'tlp_01234567' };
const use: Partial<Charge> = { kind: 'use', useId: uid('use', 1), principal: ADA, ...token };
const direct: Partial<Charge> = token;

function givenCredits(accountUid: string): AccountFact[] {
  const open = opened(accountUid, null);
  const grant = { grantUid: uid('grt', 1), amount: 2n, kind: 'paid', effectiveAt: AT, expiresAt: null } as const;
  return [open, ...decideGrant(givenAccount(accountUid, open), { ...grant, priority: 50, reason: 'x' }, { at: AT })];
}

/** The fact of a charge of 3 credits, of which a grant pays 2. */
function charged(accountUid: string, change: Partial<Charge>): AccountFact {
  const account = givenAccount(accountUid, ...givenCredits(accountUid));
  return decideCharge(account, { ...chargeOfAmount(3n), ...change }, { at: AT }).at(-1)!;
}

/** The fact of the reversal of a whole charge. */
function reversed(fact: AccountFact): AccountFact {
  const { grants } = givenAccount(ACME, ...givenCredits(ACME));
  const charge = { charge: chargeOf([fact]), reversed: 0n, grants };
  const reversal = { chargeUid: uid('chg', 2), amount: null, reason: 'mistake' };
  return decideReversal(givenAccount(ACME, ...givenCredits(ACME), fact), charge, reversal, { at: AT }).at(-1)!;
}

function eventOf({ type, data }: AccountFact, credential: string | null): ChargeEvent {
  const at = '2026-11-25T08:00:00.000Z';
  const instants = { occurredAt: at, recordedAt: at };
  const entry = { accountUid: data.accountUid, type, data, ...instants, correlationId: 'req_1', credential };
  return chargeEventOf(entry, 'ins_1');
}

describe('chargeEventOf', () => {
  it('has the fields of the contract in their order, for uses, direct charges, reversals and persons', () => {
    const without = (...names: string[]) => ENVELOPE.filter((name) => !names.includes(name));
    for (const [event, names] of [
      [eventOf(charged(ACME, use), null), ENVELOPE],
      [eventOf(charged(ADA, use), null), ENVELOPE],
      [eventOf(charged(ACME, direct), CALLER), without('causationid')],
      [eventOf(reversed(charged(ACME, use)), CALLER), ENVELOPE],
    ] as const) {
      expect(Object.keys(event)).toEqual(names);
      expect(Object.keys(event.data)).toEqual(DATA);
    }
  });

  it('names the grants that paid as `grantId`', () => {
    const allocations = [{ grantId: uid('grt', 1), amount: '2' }];
    expect(eventOf(charged(ACME, use), null).data.allocations).toEqual(allocations);
    expect(eventOf(reversed(charged(ACME, use)), CALLER).data.allocations).toEqual(allocations);
  });

  it('is authorized by the token of a use, and by the credential of a billing call, whichever token that names', () => {
    const authidOf = (fact: AccountFact, credential: string | null) => {
      const { authtype, authid } = eventOf(fact, credential);
      return [authtype, authid];
    };
    expect(authidOf(charged(ACME, use), null)).toEqual(['api_key', TOKEN]);
    expect(authidOf(charged(ACME, use), CALLER)).toEqual(['api_key', TOKEN]);
    expect(authidOf(charged(ACME, direct), CALLER)).toEqual(['api_key', CALLER]);
    expect(authidOf(reversed(charged(ACME, use)), CALLER)).toEqual(['api_key', CALLER]);
    expect(authidOf(charged(ACME, direct), null)).toEqual(['system', undefined]);
  });
});
