import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EventLog, laterPosition, type Position, START } from '#libs/event-log';
import { type Fault, openOnDouble } from '#libs/event-log/testing';
import { ManualClock } from '#libs/kernel/testing';
import { ACME, AT } from '../testing/account-facts.js';
import { type LedgerNode, LedgerWorld } from '../testing/ledger-world.js';
import { MemoryAccountReadModel } from '../testing/memory-account-read-model.js';
import { refusal } from '../testing/refusal.js';
import { CompletionProgress } from './completion-progress.js';
import { UseCompleter } from './use-completer.js';

const GRACE_MS = 30_000;
const unavailable = refusal('verification_unavailable');

class MemoryProgress extends CompletionProgress {
  position: Position = START;

  override read(): Promise<Position> {
    return Promise.resolve(this.position);
  }

  override advance(position: Position): Promise<void> {
    this.position = laterPosition(this.position, position);
    return Promise.resolve();
  }
}

/** Ledgers on one double of EventStoreDB, each a process with a log of its own. */
async function openWorld() {
  const clock = new ManualClock(AT);
  const opened = await openOnDouble({ retryForMs: 0, answerWithinMs: 5_000 })(clock);
  const world = new LedgerWorld({ clock, log: opened.log, readModel: new MemoryAccountReadModel(opened.log) });
  await world.open(ACME, null);
  const progress = new MemoryProgress();
  const completer = (log: EventLog, options: { graceMs?: number; openMax?: number; pageSize?: number } = {}) =>
    new UseCompleter({ log, progress, clock, ...options });
  const node = async () => world.node(await opened.reopen());
  return { ...opened, clock, world, progress, completer, node };
}

/** Each charge of a use, and how often its TokenUsed stands in the log. */
async function usesOfCharges(world: LedgerWorld): Promise<number[]> {
  const charges = (await world.stream(ACME)).filter(({ type }) => type === 'OrgCharged');
  const uses = await world.uses();
  return charges.map(({ data }) => {
    const { chargeUid } = data as { chargeUid: string };
    return uses.filter((use) => use.chargeUid === chargeUid).length;
  });
}

describe('UseCompleter', () => {
  let opened: Awaited<ReturnType<typeof openWorld>>;
  beforeEach(async () => {
    opened = await openWorld();
  });
  afterEach(() => opened.close());

  /** A process that charges, has charged `before` times, and dies between the charge and its use. */
  async function dieBetween(fault: Fault, before = 0): Promise<LedgerNode> {
    const dying = await opened.node();
    for (let count = 0; count < before; count += 1) await dying.charge(ACME);
    opened.double.inject('none', fault);
    await expect(dying.charge(ACME)).rejects.toEqual(unavailable);
    return dying;
  }

  it.each([0, 2])(
    'writes the use of a charge whose process died before it could, having written %d',
    async (before) => {
      await dieBetween('unavailable', before);
      expect((await usesOfCharges(opened.world)).at(-1)).toBe(0);
      opened.clock.advance(GRACE_MS);
      const heir = opened.completer(await opened.reopen());
      expect(await heir.run()).toEqual({ charges: before + 1, completed: 1, left: 0 });
      expect(await usesOfCharges(opened.world)).toEqual(Array(before + 1).fill(1));
      expect(await heir.run()).toEqual({ charges: 0, completed: 0, left: 0 });
    },
  );

  it('finds the use that was stored before its process died', async () => {
    await dieBetween('dropAfterCommit');
    opened.clock.advance(GRACE_MS);
    expect(await opened.completer(opened.log).run()).toEqual({ charges: 1, completed: 0, left: 0 });
    expect(await usesOfCharges(opened.world)).toEqual([1]);
  });

  it('leaves a young charge to its process, and comes back to it', async () => {
    await dieBetween('unavailable');
    const heir = opened.completer(opened.log);
    expect(await heir.run()).toEqual({ charges: 1, completed: 0, left: 1 });
    opened.clock.advance(GRACE_MS);
    expect(await heir.run()).toEqual({ charges: 1, completed: 1, left: 0 });
  });

  it('completes any number of charges, remembering few at once, in small pages', async () => {
    for (let count = 0; count < 9; count += 1) await dieBetween('unavailable', count % 2);
    opened.clock.advance(GRACE_MS);
    const { completed, left } = await opened.completer(opened.log, { openMax: 2, pageSize: 2 }).run();
    expect([completed, left]).toEqual([9, 0]);
    expect(new Set(await usesOfCharges(opened.world))).toEqual(new Set([1]));
  });

  it('writes each use once, whichever of several processes does it', async () => {
    for (let count = 0; count < 5; count += 1) await dieBetween('unavailable', 1);
    opened.clock.advance(GRACE_MS);
    const logs = await Promise.all(Array.from({ length: 4 }, () => opened.reopen()));
    await Promise.all(logs.map((log) => opened.completer(log).run()));
    expect(await usesOfCharges(opened.world)).toEqual(Array(10).fill(1));
  });

  it('never doubles a use whose process lives after all, and answers its caller', async () => {
    const slow = await opened.node();
    await slow.charge(ACME);
    opened.double.inject('delayedAnswer');
    const charged = slow.charge(ACME);
    while ((await usesOfCharges(opened.world)).length < 2) await new Promise(setImmediate);
    expect(await opened.completer(opened.log, { graceMs: 0 }).run()).toMatchObject({ completed: 1 });
    opened.double.faults.letGo();
    expect((await charged).charge.chargeNumber).toBe('2');
    expect(await usesOfCharges(opened.world)).toEqual([1, 1]);
  });
});

/** What may happen next: somebody charges, meeting faults at the charge and at its use, or somebody completes. */
const step = fc.oneof(
  fc.record({
    node: fc.nat(1),
    faults: fc.array(fc.constantFrom<Fault>('none', 'unavailable', 'dropAfterCommit', 'delayedAnswer'), {
      minLength: 2,
      maxLength: 2,
    }),
  }),
  fc.record({ completer: fc.nat(1) }),
);

it('ends with one TokenUsed for each charge, whatever comes between whatever', async () => {
  const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]) => {
    const opened = await openWorld();
    try {
      const nodes = [await opened.node(), await opened.node()];
      const completers = [opened.log, await opened.reopen()].map((log) => opened.completer(log, { graceMs: 0 }));
      const under: Promise<unknown>[] = [];
      for (const each of steps) {
        if ('completer' in each) under.push(completers[each.completer]!.run());
        else {
          opened.double.inject(...each.faults);
          under.push(nodes[each.node]!.charge(ACME).catch(() => undefined));
        }
        // As far as it gets by itself: what is held back is let go later.
        for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      }
      opened.double.faults.letGo();
      await Promise.allSettled(under);
      while (opened.double.faults.left > 0) opened.double.faults.next();
      await completers[0]!.run();
      await completers[1]!.run();
      expect((await usesOfCharges(opened.world)).filter((times) => times !== 1)).toEqual([]);
    } finally {
      await opened.close();
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), run), { numRuns: 60 });
}, 120_000);
