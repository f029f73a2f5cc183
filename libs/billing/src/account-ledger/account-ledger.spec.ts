import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gate } from '#libs/kernel/testing';
import { balanceAt } from '../domain/index.js';
import { ACME, ADA } from '../testing/account-facts.js';
import { type LedgerNode, MemoryWorld } from '../testing/ledger-world.js';
import { refusal } from '../testing/refusal.js';
import { expectSound } from '../testing/sound-account.js';

let world: MemoryWorld;
let node: LedgerNode;

beforeEach(async () => {
  world = new MemoryWorld();
  node = world.process();
  await world.open(ACME);
});

const together = <T>(count: number, make: (index: number) => Promise<T>) =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => make(index)));
const balance = async (accountUid = ACME, at = node) =>
  balanceAt((await at.ledger.read(accountUid)).state, world.clock.now());

describe('AccountLedger', () => {
  it('hands what waits to the log before it tells those whose charges are stored', async () => {
    await node.grant(ACME, 1_000n);
    const seen: string[] = [];
    const gate = new Gate();
    node.log.onAppend = (store) => gate.pass().then(store);
    const first = node.charge(ACME).then(() => seen.push('told'));
    await gate.arrived;
    const second = node.charge(ACME);
    node.log.onAppend = (store) => {
      seen.push('handed in');
      return store();
    };
    gate.release();
    await Promise.all([first, second]);
    expect(seen).toEqual(['handed in', 'told']);
  });

  it('charges what is asked at once in one row, each on the balance that the one before left', async () => {
    await node.grant(ACME, 1_000n);
    const charged = await Promise.all(Array.from({ length: 200 }, () => node.charge(ACME)));
    expect(charged.map(({ charge }) => Number(charge.chargeNumber)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
    expect(new Set(charged.map(({ charge }) => charge.balanceAfter)).size).toBe(200);
    expectSound(await world.stream(ACME));
    expect(await balance()).toBe(800n);
  });

  it('accepts exactly as many of the charges at once as the account covers', async () => {
    await node.grant(ACME, 10n);
    const outcomes = await together(64, () => node.charge(ACME));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(refused).toHaveLength(54);
    for (const reason of refused) expect(reason).toEqual(refusal('insufficient_credits'));
    expectSound(await world.stream(ACME));
    expect(await balance()).toBe(0n);
  });

  it('stores each charge with its use in one request, and nothing of a refused one', async () => {
    await node.grant(ACME, 5n);
    await together(8, () => node.charge(ACME));
    const charges = (await world.stream(ACME))
      .filter(({ type }) => type === 'OrgCharged')
      .map(({ data }) => data as never);
    const pairs = (rows: { useId: string; chargeUid: string }[]) =>
      rows.map(({ useId, chargeUid }) => [useId, chargeUid]);
    expect(pairs(await world.uses())).toEqual(pairs(charges));
    expect(charges).toHaveLength(5);
  });

  it('has at most one append of an account under way, and sends the next when it is answered', async () => {
    await node.grant(ACME, 100n);
    const gate = new Gate();
    const before = node.log.requests.length;
    node.log.onAppend = (store) => gate.pass().then(store);
    const first = node.charge(ACME);
    await gate.arrived;
    const later = Promise.all([node.charge(ACME), node.charge(ACME), node.charge(ACME)]);
    expect(node.log.requests).toHaveLength(before + 1);
    gate.release();
    await Promise.all([first, later]);
    expect(node.log.requests).toHaveLength(before + 2);
    expectSound(await world.stream(ACME));
  });

  it('shows an account as the log holds it, without what is still under way', async () => {
    await node.grant(ACME, 100n);
    const gate = new Gate();
    node.log.onAppend = (store) => gate.pass().then(store);
    const charging = node.charge(ACME, { amount: 30n });
    await gate.arrived;
    expect(await balance()).toBe(100n);
    gate.release();
    const { position } = await charging;
    const read = await node.ledger.read(ACME);
    expect(balanceAt(read.state, world.clock.now())).toBe(70n);
    expect(read.position).toBe(position);
  });

  it('keeps accounts apart, and personal credits too', async () => {
    await world.open(ADA);
    await Promise.all([node.grant(ACME, 10n), node.grant(ADA, 3n)]);
    await Promise.all([node.charge(ACME, { amount: 4n }), node.charge(ADA)]);
    expect([await balance(ACME), await balance(ADA)]).toEqual([6n, 2n]);
    expect((await world.stream(ADA)).at(-1)?.type).toBe('UserCharged');
  });

  it('refuses an account that does not exist, and finds it as soon as it is opened', async () => {
    await expect(node.charge(ADA)).rejects.toEqual(refusal('not_found'));
    await expect(node.ledger.read(ADA)).rejects.toEqual(refusal('not_found'));
    await world.open(ADA, null);
    await node.charge(ADA);
    expect(await balance(ADA)).toBe(-1n);
  });

  it('appends nothing when nothing changes', async () => {
    const before = await world.stream(ACME);
    expect(await node.limit(ACME, 0n)).toEqual({ fact: null, position: null, replayed: false });
    expect(await world.stream(ACME)).toEqual(before);
  });

  it('goes on from the snapshot of the read model and the events after it', async () => {
    await node.grant(ACME, 100n);
    await node.charge(ACME);
    await world.readModel.catchUp();
    await node.charge(ACME);
    const other = world.process();
    expect((await other.charge(ACME)).charge).toMatchObject({ chargeNumber: '3', balanceAfter: '97' });
  });

  it('keeps no more accounts than it may, and loses nothing by that', async () => {
    const small = world.process({ accountsMax: 2 });
    const uids = Array.from({ length: 6 }, (_, index) => `org_01JD0000000000000000000ZZ${index}`);
    for (const uid of uids) await world.open(uid, null);
    for (let round = 0; round < 3; round += 1)
      await Promise.all(uids.map((uid) => small.charge(uid, { key: `${uid}${round}` })));
    for (const uid of uids) {
      expect(expectSound(await world.stream(uid), uid).chargeNumber).toBe(3n);
      expect((await small.charge(uid, { key: `${uid}0` })).replayed).toBe(true);
    }
  });

  it('dies of a mistake in a decision without harm to the others', async () => {
    await node.grant(ACME, 10n);
    const broken = node.ledger.execute({
      accountUid: ACME,
      context: world.context(),
      decide: () => {
        throw new TypeError('a mistake');
      },
    });
    const charging = node.charge(ACME);
    await expect(broken).rejects.toThrow(TypeError);
    expect((await charging).charge.balanceAfter).toBe('9');
  });
});
