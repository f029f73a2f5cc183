import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gate } from '#libs/kernel/testing';
import fc from 'fast-check';
import { balanceAt } from '../domain/index.js';
import { ACME } from '../testing/account-facts.js';
import { MemoryWorld } from '../testing/ledger-world.js';
import { refusal } from '../testing/refusal.js';
import { expectSound } from '../testing/sound-account.js';

let world: MemoryWorld;
beforeEach(async () => {
  world = new MemoryWorld();
  await world.open(ACME);
});

describe('two nodes', () => {
  it('never charge more than the account covers, and number what they charge in one row', async () => {
    const nodes = [world.process(), world.process()];
    await nodes[0]!.grant(ACME, 50n);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 120 }, (_, index) => nodes[index % 2]!.charge(ACME, { key: String(index) })),
    );
    const state = expectSound(await world.stream(ACME));
    expect(state.chargeNumber).toBe(50n);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(refusal('insufficient_credits'));
    }
  });

  it('charge a key once, and answer alike', async () => {
    const nodes = [world.process(), world.process()];
    await nodes[0]!.grant(ACME, 1_000n);
    for (let round = 0; round < 30; round += 1) {
      const asked = Array.from({ length: 6 }, (_, index) => nodes[index % 2]!.charge(ACME, { key: `k${round}` }));
      const charged = await Promise.all(asked);
      for (const { charge } of charged) expect(charge).toEqual(charged[0]!.charge);
      expect(charged.filter(({ replayed }) => !replayed)).toHaveLength(1);
      if (round % 7 === 0) await world.readModel.catchUp();
    }
    expect(expectSound(await world.stream(ACME)).chargeNumber).toBe(30n);
  });

  it('do not store what was built on an append that the other node overtook, although its revision fits', async () => {
    const [slow, fast] = [world.process(), world.process()];
    await slow.grant(ACME, 10n);
    const gate = new Gate();
    slow.log.onAppend = (store) => gate.pass().then(store);
    const first = slow.charge(ACME, { amount: 4n });
    await gate.arrived;
    // Decided on the state after `first`, which is never stored: with one event, like the one that overtakes it.
    const second = slow.charge(ACME, { amount: 4n });
    await fast.charge(ACME, { amount: 5n });
    gate.release();
    const outcomes = await Promise.allSettled([first, second]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const state = expectSound(await world.stream(ACME));
    expect([state.chargeNumber, balanceAt(state, world.clock.now())]).toEqual([2n, 1n]);
  });

  it('refuse nothing that credits cover which the other node has granted', async () => {
    const [one, other] = [world.process(), world.process()];
    await expect(one.charge(ACME)).rejects.toEqual(refusal('insufficient_credits'));
    for (let round = 0; round < 5; round += 1) {
      await other.grant(ACME, 1n);
      await one.charge(ACME);
      await expect(one.charge(ACME)).rejects.toEqual(refusal('insufficient_credits'));
    }
  });

  it('refuse nothing because of a charge that is never stored', async () => {
    const [slow, fast] = [world.process(), world.process()];
    await slow.grant(ACME, 10n);
    const gate = new Gate();
    slow.log.onAppend = (store) => gate.pass().then(store);
    const large = slow.charge(ACME, { amount: 10n });
    await gate.arrived;
    // Refused on the state that `large` leaves, if that is ever stored; the other node sees to it that it is not.
    const small = slow.charge(ACME, { amount: 5n });
    await fast.charge(ACME, { amount: 2n });
    gate.release();
    await expect(large).rejects.toEqual(refusal('insufficient_credits'));
    expect((await small).charge.balanceAfter).toBe('3');
  });

  it('see what the other one wrote in the next read, and in the next no-op', async () => {
    const [one, other] = [world.process(), world.process()];
    await one.grant(ACME, 10n);
    await other.charge(ACME, { amount: 4n });
    expect(balanceAt((await one.ledger.read(ACME)).state, world.clock.now())).toBe(6n);
    await other.limit(ACME, 5n);
    expect((await one.limit(ACME, 0n)).fact).toMatchObject({ data: { before: { limit: '5' }, after: { limit: '0' } } });
  });

  it('keep all of this whatever is asked of which node, and however far the read model is', async () => {
    const step = fc.record({
      node: fc.nat({ max: 1 }),
      key: fc.nat({ max: 12 }),
      amount: fc.integer({ min: 1, max: 9 }),
      does: fc.constantFrom('charge', 'charge', 'charge', 'unkeyed', 'grant', 'limit', 'catchUp', 'wait' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const here = new MemoryWorld();
        await here.open(ACME, '5');
        const nodes = [here.process(), here.process({ accountsMax: 1 })];
        const asked: Promise<unknown>[] = [];
        for (const { node, key, amount, does } of steps) {
          const at = nodes[node]!;
          const wish = { amount: BigInt(amount) };
          if (does === 'charge') asked.push(at.charge(ACME, { ...wish, key: `${key}` }));
          if (does === 'unkeyed') asked.push(at.charge(ACME, wish));
          if (does === 'grant') asked.push(at.grant(ACME, BigInt(amount)));
          if (does === 'limit') asked.push(at.limit(ACME, 5n + BigInt(key)));
          if (does === 'catchUp') await here.readModel.catchUp(key);
          if (does === 'wait') await Promise.allSettled(asked);
        }
        const outcomes = await Promise.allSettled(asked);
        for (const outcome of outcomes) {
          if (outcome.status === 'fulfilled') continue;
          expect(outcome.reason).toMatchObject({
            code: expect.stringMatching(/^insufficient_credits|idempotency_key_reused$/),
          });
        }
        const state = expectSound(await here.stream(ACME));
        expect((await here.uses()).length).toBe(Number(state.chargeNumber));
      }),
      { numRuns: 150 },
    );
  });
});
