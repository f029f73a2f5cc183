import { describe, expect, it } from '@jest/globals';
import type { TokenOwner } from '#libs/contracts';
import { chargeOf, initialAccount } from '../domain/index.js';
import { ACME, ADA, AT, givenAccount, opened, uid } from '../testing/account-facts.js';
import { refusal } from '../testing/refusal.js';
import { decideChargeAccount, type NamedToken } from './charge-account.decide.js';

const TOKEN = 'tok_01JD00000000000000000000TK';
const wish = { amount: '3', operation: 'storage' };
const naming = { ...wish, tokenUid: TOKEN };

const tokenOf = (type: TokenOwner['type'], ownerUid: string): NamedToken => ({
  prefix: 'tlp_01234567',
  owner: { type, uid: ownerUid },
});

const decide = (accountUid: string, named: typeof wish, token: NamedToken | null) =>
  decideChargeAccount(
    givenAccount(accountUid, opened(accountUid, null)),
    { chargeUid: uid('chg', 1), wish: named, token },
    { at: AT },
  );

describe('decideChargeAccount', () => {
  it('charges directly, for no token', () => {
    const charge = chargeOf(decide(ACME, wish, null));
    expect(charge).toMatchObject({ kind: 'direct', amount: '3', operation: 'storage', useId: null, principal: null });
    expect(charge).toMatchObject({ tokenUid: null, tokenPrefix: null, quantity: null, reason: null });
  });

  it('names a token that the account may pay for, with its prefix', () => {
    for (const [account, token] of [
      [ACME, tokenOf('organization', ACME)],
      [ACME, tokenOf('user', ADA)],
      [ADA, tokenOf('user', ADA)],
    ] as const) {
      expect(chargeOf(decide(account, naming, token))).toMatchObject({ tokenUid: TOKEN, tokenPrefix: 'tlp_01234567' });
    }
  });

  it('refuses a token that there is not, and alike one that the account never pays for', () => {
    for (const [account, token] of [
      [ACME, null],
      [ACME, tokenOf('organization', 'org_01JD0000000000000000000THR')],
      [ACME, tokenOf('installation', 'installation')],
      [ADA, tokenOf('organization', ACME)],
      [ADA, tokenOf('user', 'usr_01JD0000000000000000000THR')],
    ] as const) {
      expect(() => decide(account, naming, token)).toThrow(refusal('validation_failed', 'tokenUid'));
    }
  });

  it('refuses an account that there is not, whichever token is named', () => {
    const asked = { chargeUid: uid('chg', 1), wish: naming, token: null };
    expect(() => decideChargeAccount(initialAccount(ACME), asked, { at: AT })).toThrow(refusal('not_found'));
  });
});
