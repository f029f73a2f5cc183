import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gate } from '#libs/kernel/testing';
import { decideCharge } from '../domain/index.js';
import { ACME, ADA, chargeOfAmount } from '../testing/account-facts.js';
import { type LedgerNode, MemoryWorld } from '../testing/ledger-world.js';
import { refusal } from '../testing/refusal.js';
import { expectSound } from '../testing/sound-account.js';

let world: MemoryWorld;
let node: LedgerNode;

beforeEach(async () => {
  world = new MemoryWorld();
  node = world.process();
  await world.open(ACME);
  await node.grant(ACME, 100n);
});

const chargesOf = async (accountUid = ACME) =>
  (await world.stream(accountUid)).filter(({ type }) => type.endsWith('Charged')).length;

describe('an idempotency key', () => {
  it('charges callers at once a single time, and gives all of them the same answer', async () => {
    const charged = await Promise.all(Array.from({ length: 32 }, () => node.charge(ACME, { key: 'k', amount: 7n })));
    expect(new Set(charged.map(({ charge }) => charge.chargeUid)).size).toBe(1);
    expect(new Set(charged.map(({ charge }) => charge.useId)).size).toBe(1);
    expect(charged.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await chargesOf()).toBe(1);
    expect(await world.uses()).toHaveLength(1);
  });

  it('gives the first answer again, before and after the read model has reached it, on every node', async () => {
    const first = await node.charge(ACME, { key: 'k' });
    const charged = (await world.stream(ACME)).at(-1)!.position;
    const expectSame = (again: typeof first) => {
      expect([again.charge, again.replayed]).toEqual([first.charge, true]);
      expect(again.position >= charged && again.position <= first.position).toBe(true);
    };
    expectSame(await node.charge(ACME, { key: 'k' }));
    expectSame(await world.process().charge(ACME, { key: 'k' }));
    await world.readModel.catchUp();
    expectSame(await node.charge(ACME, { key: 'k' }));
    expectSame(await world.process().charge(ACME, { key: 'k' }));
    expect(await chargesOf()).toBe(1);
  });

  it('is found by a node that has the account in memory from before', async () => {
    const other = world.process();
    await other.ledger.read(ACME);
    await node.charge(ACME, { key: 'k' });
    expect((await other.charge(ACME, { key: 'k' })).replayed).toBe(true);
    expect(await chargesOf()).toBe(1);
  });

  it('with another request is refused, wherever it is remembered', async () => {
    await node.charge(ACME, { key: 'k' });
    const reused = refusal('idempotency_key_reused');
    await expect(node.charge(ACME, { key: 'k', amount: 2n })).rejects.toEqual(reused);
    await expect(world.process().charge(ACME, { key: 'k', body: 'other' })).rejects.toEqual(reused);
    await world.readModel.catchUp();
    await expect(node.charge(ACME, { key: 'k', amount: 2n })).rejects.toEqual(reused);
    expect(await chargesOf()).toBe(1);
  });

  it('belongs to one account: another payer under the same key is refused', async () => {
    await world.open(ADA, null);
    await node.charge(ACME, { key: 'k' });
    await expect(node.charge(ADA, { key: 'k' })).rejects.toEqual(refusal('idempotency_key_reused'));
    await world.readModel.catchUp();
    await expect(world.process().charge(ADA, { key: 'k' })).rejects.toEqual(refusal('idempotency_key_reused'));
    expect(await chargesOf(ADA)).toBe(0);
  });

  it('is not answered with the charge of another account, even to a request that looks the same', async () => {
    await world.open(ADA, null);
    const context = world.context('k', 'the same');
    const charge = (accountUid: string) =>
      node.ledger.execute({
        accountUid,
        context,
        decide: ({ state }) => ({ facts: decideCharge(state, chargeOfAmount(1n), context) }),
      });
    await charge(ACME);
    await expect(charge(ADA)).rejects.toEqual(refusal('idempotency_key_reused'));
  });

  it('is free again after a refusal', async () => {
    await expect(node.charge(ACME, { key: 'k', amount: 101n })).rejects.toEqual(refusal('insufficient_credits'));
    await node.grant(ACME, 1n);
    expect((await node.charge(ACME, { key: 'k', amount: 101n })).replayed).toBe(false);
  });

  it('stays one charge while the table is asked, the account is forgotten, and the table catches up in between', async () => {
    const small = world.process({ accountsMax: 1 });
    await world.open(ADA, null);
    const gate = new Gate();
    const entriesOf = world.readModel.entriesOf.bind(world.readModel);
    let isFirst = true;
    world.readModel.entriesOf = async (keyHashes) => {
      const answer = await entriesOf(keyHashes);
      if (isFirst) {
        isFirst = false;
        await gate.pass();
      }
      return answer;
    };
    // The table is asked too early to hold the charge of the other node ...
    const late = small.charge(ACME, { key: 'k' });
    await gate.arrived;
    // ... which has reached the read model by the time that the account is loaded again, from a snapshot with it.
    await node.charge(ACME, { key: 'other' });
    const first = await world.process().ledger.read(ACME);
    expect(first.state.chargeNumber).toBe(1n);
    await small.ledger.read(ADA);
    world.readModel.entriesOf = entriesOf;
    await world.process().charge(ACME, { key: 'k' });
    await world.readModel.catchUp();
    gate.release();
    expect((await late).replayed).toBe(true);
    expect(expectSound(await world.stream(ACME)).chargeNumber).toBe(2n);
  });

  it('is forgotten once the table holds it, so that memory stays bounded', async () => {
    const bounded = world.process({ recentMax: 50 });
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => bounded.charge(ACME, { key: `${round}:${index}` })));
      await world.readModel.catchUp();
    }
    expect(await chargesOf()).toBe(80);
  });

  it('is refused while more keys are remembered than may be, and accepted when the read model has caught up', async () => {
    const bounded = world.process({ recentMax: 5 });
    for (let index = 0; index < 5; index += 1) await bounded.charge(ACME, { key: String(index) });
    await expect(bounded.charge(ACME, { key: '5' })).rejects.toEqual(refusal('verification_unavailable'));
    expect((await bounded.charge(ACME, { key: '4' })).replayed).toBe(true);
    expect((await bounded.charge(ACME)).replayed).toBe(false);
    await world.readModel.catchUp();
    expect((await bounded.charge(ACME, { key: '5' })).replayed).toBe(false);
  });
});
