import { describe, expect, it } from '@jest/globals';
import { Gate } from '#libs/kernel/testing';
import { ACME } from '../testing/account-facts.js';
import { MemoryWorld } from '../testing/ledger-world.js';
import { refusal } from '../testing/refusal.js';
import { expectSound } from '../testing/sound-account.js';

describe('while the log is not written', () => {
  it('so many commands wait and no more; those beyond are refused at once, count for nothing, and fit again later', async () => {
    const world = new MemoryWorld();
    await world.open(ACME);
    const node = world.process({ waitingMax: 10 });
    await node.grant(ACME, 100n);
    const gate = new Gate();
    node.log.onAppend = (store) => gate.pass().then(store);
    const waiting = Array.from({ length: 10 }, () => node.charge(ACME));
    await gate.arrived;
    for (let tries = 0; tries < 50; tries += 1) {
      await expect(node.charge(ACME)).rejects.toEqual(refusal('verification_unavailable'));
    }
    gate.release();
    const charged = await Promise.all(waiting);
    expect(charged.map(({ charge }) => charge.balanceAfter)).toEqual(charged.map((_, index) => String(99 - index)));
    expect((await node.charge(ACME)).charge).toMatchObject({ chargeNumber: '11', balanceAfter: '89' });
    expectSound(await world.stream(ACME));
  });
});
