import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRefusal } from '#libs/contracts';
import { type EventLog, type Position } from '#libs/event-log';
import { ReadModelProgress } from '#libs/http';
import { Gate } from '#libs/kernel/testing';
import { balanceAt } from '../domain/index.js';
import { ACME, ADA } from '../testing/account-facts.js';
import { type LedgerNode, MemoryWorld } from '../testing/ledger-world.js';
import type { MemoryAccountReadModel } from '../testing/memory-account-read-model.js';
import { asInstallation } from '../testing/principals.js';
import { refusal } from '../testing/refusal.js';
import { expectSound } from '../testing/sound-account.js';
import { ChargeReader } from './charge-reader.js';
import { ReverseCharge } from './reverse-charge.command.js';
import { ReverseChargeHandler } from './reverse-charge.handler.js';

/** The read model in memory is brought up to date by whoever waits for it. */
class MemoryProgress extends ReadModelProgress {
  constructor(private readonly readModel: MemoryAccountReadModel) {
    super();
  }

  async waitFor(_position: Position, _timeoutMs: number): Promise<boolean> {
    await this.readModel.catchUp();
    return true;
  }
}

function handlerOf(world: MemoryWorld, node: LedgerNode, log: EventLog = world.log): ReverseChargeHandler {
  const reader = new ChargeReader(world.readModel, log, new MemoryProgress(world.readModel));
  return new ReverseChargeHandler(node.ledger, reader);
}

let world: MemoryWorld;
let node: LedgerNode;
let handler: ReverseChargeHandler;

beforeEach(async () => {
  world = new MemoryWorld();
  node = world.process();
  handler = handlerOf(world, node);
  await world.open(ACME, null);
});

function reverse(by: ReverseChargeHandler, chargeUid: string, amount?: string, key?: string) {
  const context = world.context(key, `${chargeUid}:${amount}`);
  const wish = { reason: 'mistake', ...(amount === undefined ? {} : { amount }) };
  return by.execute(new ReverseCharge(asInstallation(), context, chargeUid, wish));
}

describe('ReverseChargeHandler', () => {
  it('finds a charge that the read model has not reached', async () => {
    const { charge } = await node.charge(ACME, { amount: 10n });
    const { body } = await reverse(handler, charge.chargeUid);
    expect(body).toMatchObject({ amount: '-10', balanceAfter: '0', chargeNumber: '2' });
  });

  it('does not lose sight of a reversal that memory forgets after the table was asked', async () => {
    const { charge } = await node.charge(ACME, { amount: 10n });
    await world.readModel.catchUp();
    const gate = new Gate();
    const read = world.readModel.charge.bind(world.readModel);
    world.readModel.charge = async (chargeUid) => {
      const entry = await read(chargeUid);
      await gate.pass();
      return entry;
    };
    const late = reverse(handler, charge.chargeUid, '7');
    await gate.arrived;
    world.readModel.charge = read;
    await reverse(handler, charge.chargeUid, '6');
    await world.readModel.catchUp();
    // A keyed charge asks the table, which holds the first reversal by now, so that memory may forget it.
    await world.open(ADA, null);
    await node.charge(ADA, { key: 'k' });
    gate.release();
    await expect(late).rejects.toEqual(refusal('already_reversed'));
    expect((await reverse(handler, charge.chargeUid)).body.amount).toBe('-4');
  });

  it('takes back no more than was charged, whichever node is asked, and however far the read model is', async () => {
    const step = fc.record({
      node: fc.nat({ max: 1 }),
      amount: fc.integer({ min: 1, max: 6 }),
      key: fc.option(fc.nat({ max: 5 })),
      does: fc.constantFrom('reverse', 'reverse', 'reverse', 'catchUp', 'charge', 'wait' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        world = new MemoryWorld();
        await world.open(ACME, null);
        const nodes = [world.process(), world.process({ accountsMax: 1 })];
        const handlers = nodes.map((one) => handlerOf(world, one));
        const { charge } = await nodes[0]!.charge(ACME, { amount: 15n });
        const asked: Promise<unknown>[] = [];
        for (const { node: which, amount, key, does } of steps) {
          const keyed = key === null ? undefined : `r${key}`;
          if (does === 'reverse') asked.push(reverse(handlers[which]!, charge.chargeUid, `${amount}`, keyed));
          if (does === 'charge') asked.push(nodes[which]!.charge(ACME, { key: `c${key}` }));
          if (does === 'catchUp') await world.readModel.catchUp(amount);
          if (does === 'wait') await Promise.allSettled(asked);
        }
        for (const outcome of await Promise.allSettled(asked)) {
          if (outcome.status === 'fulfilled') continue;
          expect(isRefusal(outcome.reason)).toBe(true);
          expect(outcome.reason).toMatchObject({
            code: expect.stringMatching(/^already_reversed|idempotency_key_reused$/),
          });
        }
        const events = await world.stream(ACME);
        expectSound(events);
        const back = events
          .filter(({ type }) => type === 'ChargeReversed')
          .map(({ data }) => (data as { amount: string }).amount);
        const sum = back.reduce((total, amount) => total - BigInt(amount), 0n);
        expect(sum).toBeLessThanOrEqual(15n);
        const rest = await reverse(handlers[1]!, charge.chargeUid).catch((error: unknown) => error);
        if (sum < 15n) expect(rest).toMatchObject({ body: { amount: (sum - 15n).toString() } });
        else expect(rest).toEqual(refusal('already_reversed'));
        const charges = events.filter(({ type }) => type === 'OrgCharged').length - 1;
        expect(balanceAt(expectSound(await world.stream(ACME)), world.clock.now())).toBe(BigInt(-charges));
      }),
      { numRuns: 120 },
    );
  });
});
