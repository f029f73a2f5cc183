import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRefusal } from '#libs/contracts';
import { LogUnavailable } from '#libs/event-log';
import { Gate } from '#libs/kernel/testing';
import { balanceAt } from '../domain/index.js';
import { ACME } from '../testing/account-facts.js';
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

const away = () => Promise.reject(new LogUnavailable('the log is away'));
const unavailable = refusal('verification_unavailable');

describe('when the log goes away', () => {
  it('a charge that was not stored is refused, and everything that was built on it, and none of it counts', async () => {
    const gate = new Gate();
    node.log.onAppend = () => gate.pass().then(away);
    const first = node.charge(ACME, { amount: 40n });
    await gate.arrived;
    const later = [node.charge(ACME, { amount: 30n }), node.charge(ACME, { amount: 30n, key: 'k' })];
    gate.release();
    for (const lost of [first, ...later]) await expect(lost).rejects.toEqual(unavailable);
    node.log.onAppend = (store) => store();
    const { charge, replayed } = await node.charge(ACME, { amount: 30n, key: 'k' });
    expect([charge.chargeNumber, charge.balanceAfter, replayed]).toEqual(['1', '70', false]);
    expectSound(await world.stream(ACME));
  });

  it('a charge that was stored before its answer got lost is found again by its key, and charged once', async () => {
    node.log.onAppend = (store) => store().then(away);
    await expect(node.charge(ACME, { key: 'k' })).rejects.toEqual(unavailable);
    node.log.onAppend = (store) => store();
    expect((await node.charge(ACME, { key: 'k' })).replayed).toBe(true);
    expect((await node.charge(ACME)).charge).toMatchObject({ chargeNumber: '2', balanceAfter: '98' });
    expectSound(await world.stream(ACME));
  });

  it('refuses, with the code that its caller names, what cannot be looked up', async () => {
    const other = world.process();
    other.log.onRead = () => Promise.reject(new LogUnavailable('the log is away'));
    await expect(other.charge(ACME)).rejects.toEqual(unavailable);
    await expect(other.ledger.read(ACME)).rejects.toEqual(refusal('not_ready'));
    await expect(other.grant(ACME, 1n)).rejects.toEqual(refusal('not_ready'));
    other.log.onRead = (read) => read();
    expect((await other.charge(ACME)).charge.balanceAfter).toBe('99');
  });

  it('refuses an account that is overtaken again and again, after a bounded number of tries', async () => {
    const rival = world.process();
    node.log.onAppend = (store) => rival.grant(ACME, 1n).then(store);
    const before = node.log.requests.length;
    await expect(node.charge(ACME)).rejects.toEqual(unavailable);
    await expect(node.limit(ACME, 9n)).rejects.toEqual(refusal('not_ready'));
    expect(node.log.requests.length - before).toBeLessThan(100);
  });
});

describe('when the read model goes away', () => {
  it('refuses keyed charges, and goes on without keys for the accounts that it knows', async () => {
    const { readModel } = world;
    const entriesOf = readModel.entriesOf.bind(readModel);
    readModel.entriesOf = () => Promise.reject(new Error('connection refused'));
    await expect(node.charge(ACME, { key: 'k' })).rejects.toEqual(unavailable);
    expect((await node.charge(ACME)).replayed).toBe(false);
    readModel.entriesOf = entriesOf;
    expect((await node.charge(ACME, { key: 'k' })).replayed).toBe(false);
  });

  it('refuses the accounts that it does not know', async () => {
    const { readModel } = world;
    const snapshot = readModel.snapshot.bind(readModel);
    readModel.snapshot = () => Promise.reject(new Error('connection refused'));
    const other = world.process();
    await expect(other.charge(ACME)).rejects.toEqual(unavailable);
    await expect(other.ledger.read(ACME)).rejects.toEqual(refusal('not_ready'));
    readModel.snapshot = snapshot;
    expect((await other.charge(ACME)).charge.balanceAfter).toBe('99');
  });
});

type Fate = 'stored' | 'lost' | 'unanswered';

describe('a storm', () => {
  it('of lost appends and lost answers on two nodes charges each retried key once, and loses no answer', async () => {
    const fates = fc.infiniteStream(fc.constantFrom<Fate>('stored', 'stored', 'lost', 'unanswered'));
    await fc.assert(
      fc.asyncProperty(fates, fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 25 }), async (fate, keys) => {
        const here = new MemoryWorld();
        await here.open(ACME, null);
        const nodes = [here.process(), here.process()];
        for (const { log } of nodes) {
          log.onAppend = async (store) => {
            const next = fate.next().value;
            if (next === 'lost') throw new LogUnavailable('lost');
            const result = await store();
            if (next === 'unanswered') throw new LogUnavailable('unanswered');
            return result;
          };
        }
        const answers = await Promise.all(keys.map((key, index) => untilAnswered(nodes, `${key}`, index)));
        const state = expectSound(await here.stream(ACME));
        expect(state.chargeNumber).toBe(BigInt(new Set(keys).size));
        expect(balanceAt(state, here.clock.now())).toBe(-state.chargeNumber);
        const byKey = new Map(keys.map((key, index) => [key, answers[index]!]));
        keys.forEach((key, index) => expect(answers[index]).toEqual(byKey.get(key)));
        expect((await here.uses()).map(({ chargeUid }) => chargeUid).sort()).toEqual(
          [...new Set(answers.map(({ chargeUid }) => chargeUid))].sort(),
        );
      }),
      { numRuns: 150 },
    );
  });
});

/** Retries under its key, on one node and the other in turn, as a client does. */
async function untilAnswered(nodes: readonly LedgerNode[], key: string, start: number) {
  for (let tries = start; tries < start + 500; tries += 1) {
    try {
      return (await nodes[tries % nodes.length]!.charge(ACME, { key })).charge;
    } catch (error) {
      if (!isRefusal(error, 'verification_unavailable')) throw error;
    }
  }
  throw new Error(`key ${key} was never answered`);
}
