import { type AccountFact, type AccountState, type Charge, evolveAccount, initialAccount } from '../domain/index.js';

export const ACME = 'org_01JD00000000000000000ACME0';
export const ADA = 'usr_01JD0000000000000000000ADA';
export const AT = Date.parse('2026-11-25T08:00:00.000Z');

/** A uid whose last digits are `number`, so that a test can read it. */
export function uid(prefix: 'chg' | 'grt' | 'use', number: number): string {
  return `${prefix}_${String(number).padStart(26, '0')}`;
}

export function opened(accountUid: string, limit: string | null = '0'): AccountFact {
  return { type: 'AccountOpened', data: { accountUid, unit: 'CREDIT', mode: 'prepaid', limit } };
}

/** The account after these facts. */
export function givenAccount(accountUid: string, ...facts: readonly AccountFact[]): AccountState {
  return facts.reduce<AccountState>(evolveAccount, initialAccount(accountUid));
}

/** A direct charge. */
export function chargeOfAmount(amount: bigint, number = 1): Charge {
  return {
    chargeUid: uid('chg', number),
    kind: 'direct',
    amount,
    useId: null,
    tokenUid: null,
    tokenPrefix: null,
    principal: null,
    operation: 'storage',
    quantity: null,
    reason: null,
  };
}
