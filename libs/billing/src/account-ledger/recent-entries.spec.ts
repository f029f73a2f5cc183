import { describe, expect, it } from '@jest/globals';
import type { Position } from '#libs/event-log';
import { START } from '#libs/event-log';
import { type AccountFact, initialAccount } from '../domain/index.js';
import { ACME, ADA, AT, chargeOfAmount, givenAccount, opened, uid } from '../testing/account-facts.js';
import { decideCharge, decideReversal } from '../domain/index.js';
import { LiveAccount } from './live-account.js';
import { RecentEntries, type RecentEntry } from './recent-entries.js';

const at = (position: number) => BigInt(position) as Position;

function keyed(key: string, number = 1, account = ACME): AccountFact {
  const occasion = { at: AT, idempotency: { keyHash: key, fingerprint: 'f' } };
  return decideCharge(givenAccount(account, opened(account, null)), chargeOfAmount(5n, number), occasion)[0]!;
}

function reversalOf(charge: AccountFact, number: number): AccountFact {
  if (charge.type !== 'OrgCharged') throw new TypeError('only the charge of an organization here');
  const account = givenAccount(ACME, opened(ACME, null), charge);
  const reversal = { chargeUid: uid('chg', number), amount: 2n, reason: null };
  return decideReversal(account, { charge: charge.data, reversed: 0n, grants: [] }, reversal, { at: AT })[0]!;
}

function underWay(fact: AccountFact, accountUid = ACME): RecentEntry {
  return { accountUid, fact, stored: new Promise<Position>(() => undefined) };
}

describe('RecentEntries', () => {
  it('finds an entry by its key, that of the account where two have one', () => {
    const recent = new RecentEntries();
    recent.learn(ACME, keyed('k'), at(1));
    recent.learn(ADA, keyed('k', 2, ADA), at(2));
    expect(recent.find('k', ADA)?.accountUid).toBe(ADA);
    expect(recent.find('k', ACME)?.accountUid).toBe(ACME);
    expect(recent.find('k', 'org_other')?.accountUid).toBe(ACME);
    expect(recent.find('other', ACME)).toBeUndefined();
  });

  it('knows the reversals of a charge, keyed or not', () => {
    const recent = new RecentEntries();
    const charge = keyed('k');
    recent.learn(ACME, reversalOf(charge, 8), at(2));
    recent.add(underWay(reversalOf(charge, 9)));
    expect([...recent.reversalsOf(uid('chg', 1))]).toEqual([
      [uid('chg', 8), 2n],
      [uid('chg', 9), 2n],
    ]);
    expect(recent.reversalsOf(uid('chg', 2)).size).toBe(0);
  });

  it('learns from the log nothing that it knows, so that what is under way is not answered before it is stored', () => {
    const recent = new RecentEntries();
    const entry = underWay(keyed('k'));
    recent.add(entry);
    recent.learn(ACME, keyed('k'), at(1));
    expect(recent.find('k', ACME)).toBe(entry);
    recent.remove(entry);
    expect(recent.size).toBe(0);
  });

  it('forgets what the table holds, keeps what it does not, and what is under way', () => {
    const recent = new RecentEntries();
    const [stored, waiting] = [underWay(keyed('stored')), underWay(keyed('waiting', 2))];
    recent.add(stored);
    recent.add(waiting);
    recent.settle(stored, at(10));
    recent.learn(ACME, keyed('later', 3), at(11));
    recent.forget(at(9), new Set());
    expect(recent.size).toBe(3);
    recent.forget(at(10), new Set());
    expect(recent.find('stored', ACME)).toBeUndefined();
    expect(recent.find('waiting', ACME)).toBe(waiting);
    expect(recent.find('later', ACME)).toBeDefined();
  });

  it('tells accounts how far it has forgotten, and never goes back', () => {
    const recent = new RecentEntries();
    const account = new LiveAccount({ state: initialAccount(ACME), position: at(3) }, at(3), recent);
    expect([recent.forgotten, account.since]).toEqual([START, at(3)]);
    recent.forget(at(10), new Set());
    recent.forget(at(7), new Set());
    expect(account.since).toBe(at(10));
  });

  it('keeps the entries of accounts of which the table lacks some, and forgets them when it has them again', () => {
    const recent = new RecentEntries();
    recent.learn(ACME, keyed('poisoned'), at(1));
    recent.learn(ADA, keyed('fine', 2, ADA), at(2));
    recent.forget(at(5), new Set([ACME]));
    expect(recent.find('fine', ADA)).toBeUndefined();
    expect(recent.find('poisoned', ACME)).toBeDefined();
    recent.forget(at(6), new Set());
    expect(recent.size).toBe(0);
  });

  it('forgets tens of thousands one after the other without slowing down', () => {
    const recent = new RecentEntries();
    for (let number = 1; number <= 30_000; number += 1) {
      recent.learn(ACME, keyed(`k${number}`, number), at(number));
      if (number > 100) recent.forget(at(number - 100), new Set());
    }
    expect(recent.size).toBe(100);
  });
});
