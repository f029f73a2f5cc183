import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { START } from '#libs/event-log';
import { ManualClock } from '#libs/kernel/testing';
import { digestTables } from '#libs/projections';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { ACME, ADA, AT } from '../testing/account-facts.js';
import { type BillingDatabase, openBillingDatabase } from '../testing/billing-database.js';
import type { LedgerNode } from '../testing/ledger-world.js';
import { LedgerWorld } from '../testing/ledger-world.js';
import { expectSound } from '../testing/sound-account.js';
import { AccountTables } from './account-tables.js';
import { BILLING_PROJECTIONS } from './billing-read-model.js';

let database: BillingDatabase;
let tables: AccountTables;
let world: LedgerWorld;
let node: LedgerNode;

beforeAll(async () => {
  const clock = new ManualClock(AT);
  database = await openBillingDatabase(clock);
  tables = new AccountTables(database.dataSource, database.log);
  world = new LedgerWorld({ clock, log: database.log, readModel: tables });
  node = world.node();
  await world.open(ACME);
  await world.open(ADA, null);
}, 120_000);

afterAll(() => database.close(), 60_000);

const hashOf = (key: string) => world.context(key).idempotency!.keyHash;
const query = (sql: string, parameters: unknown[] = []) => database.dataSource.query<unknown[]>(sql, parameters);
const quarantine = (accountUid: string, position: bigint) =>
  query(
    `INSERT INTO read_model.dead_letters (projection, position, partition_key, event_type, stream, revision, error, recorded_at)
     VALUES ('account-entries', $1, $2, 'OrgCharged', 'account', 0, 'poisoned', now())`,
    [position.toString(), accountUid],
  );

describe('AccountTables', () => {
  it('knows nothing, and covers nothing, before the read model was ever begun', async () => {
    expect(await tables.snapshot(ACME)).toBeNull();
    expect(await tables.entriesOf([hashOf('k')])).toEqual({ covered: START, quarantined: new Set(), found: new Map() });
    expect(await tables.charge('chg_01JD0000000000000000000000')).toBeNull();
    await node.grant(ACME, 1_000n);
    expect((await node.charge(ACME, { key: 'early' })).replayed).toBe(false);
    expect((await node.charge(ACME, { key: 'early' })).replayed).toBe(true);
  });

  it('gives an account as of its last event that the read model holds', async () => {
    await database.engine.catchUp();
    const { state, position } = await node.ledger.read(ACME);
    const snapshot = await tables.snapshot(ACME);
    expect(snapshot?.state).toEqual(state);
    expect(snapshot!.position <= position).toBe(true);
    await node.charge(ACME);
    expect(await tables.snapshot(ACME)).toEqual(snapshot);
  });

  it('finds entries by their keys, and tells how far it covers', async () => {
    const { charge } = await node.charge(ACME, { key: 'one' });
    await database.engine.catchUp();
    const { position } = await node.charge(ACME, { key: 'two' });
    const { covered, found } = await tables.entriesOf([hashOf('one'), hashOf('two'), hashOf('three')]);
    expect([...found.keys()]).toEqual([hashOf('one')]);
    expect(found.get(hashOf('one'))).toMatchObject([{ accountUid: ACME, fact: { type: 'OrgCharged', data: charge } }]);
    expect(covered > START && covered < position).toBe(true);
  });

  it('gives no snapshot where the entries are behind it: their keys would be unknown', async () => {
    await database.engine.catchUp();
    expect(await tables.snapshot(ACME)).not.toBeNull();
    const set = `UPDATE read_model.projection_checkpoints SET position = $1 WHERE name = 'account-entries' RETURNING position`;
    const { covered } = await tables.entriesOf([]);
    await query(set, ['1']);
    expect(await tables.snapshot(ACME)).toBeNull();
    expect((await world.node().charge(ACME, { key: 'two' })).replayed).toBe(true);
    await query(set, [covered.toString()]);
    expect(await tables.snapshot(ACME)).not.toBeNull();
  });

  it('gives no snapshot of an account of which entries are quarantined, so that its keys come from the log', async () => {
    await database.engine.catchUp();
    const [row] = (await query(`DELETE FROM read_model.account_entries WHERE key_hash = $1 RETURNING *`, [
      hashOf('one'),
    ])) as unknown as [{ position: string }[]];
    expect(row).toHaveLength(1);
    await quarantine(ACME, 1n);
    expect(await tables.snapshot(ACME)).toBeNull();
    expect((await tables.entriesOf([])).quarantined).toEqual(new Set([ACME]));
    expect(await tables.snapshot(ADA)).not.toBeNull();
    expect((await world.node().charge(ACME, { key: 'one' })).replayed).toBe(true);
    await query('DELETE FROM read_model.dead_letters');
    await database.engine.rebuild(['account-entries']);
    expect(await tables.snapshot(ACME)).not.toBeNull();
  });

  it('gives a charge with its reversals and the grants that paid it', async () => {
    const { charge } = await node.charge(ACME, { amount: 7n });
    await database.engine.catchUp();
    const entry = await tables.charge(charge.chargeUid);
    expect(entry).toMatchObject({ accountUid: ACME, charge });
    expect(entry!.grants.map(({ uid, order }) => [uid, order])).toEqual([[charge.allocations[0]!.grantUid, 1n]]);
    expect(entry!.reversals.size).toBe(0);
  });

  it('is the same, row for row, after a rebuild from the log', async () => {
    await database.engine.catchUp();
    const before = await digestTables(database.pool, BILLING_PROJECTIONS);
    await database.engine.rebuild();
    expect(await digestTables(database.pool, BILLING_PROJECTIONS)).toEqual(before);
    expect(before.length).toBe(2);
  });

  it('E5: two processes charge what one account covers, each key once, while the read model follows', async () => {
    await database.engine.start();
    const accountUid = 'org_01JD0000000000000000000TW0';
    await world.open(accountUid);
    const nodes = [world.node(), world.node(await database.reopen())];
    await nodes[0]!.grant(accountUid, 300n);
    for (let round = 0; round < 12; round += 1) {
      const asked = Array.from({ length: 64 }, (_, index) => {
        const key = index % 2 === 0 ? {} : { key: `${round}:${index % 16}` };
        return nodes[(index >> 1) % 2]!.charge(accountUid, key);
      });
      for (const outcome of await Promise.allSettled(asked)) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'insufficient_credits' });
      }
    }
    const state = expectSound(await database.log.readStream(`account-${accountUid}`), accountUid);
    expect(state.chargeNumber).toBe(300n);
    const fresh = new AccountLedger({ log: database.log, readModel: tables });
    await database.engine.waitFor((await database.log.heads()).all, 10_000);
    expect((await fresh.read(accountUid)).state).toEqual(state);
    expect((await tables.snapshot(accountUid))?.state).toEqual(state);
  }, 60_000);

  it('answers both of two processes that charge one account without a pause, and lets none of them starve', async () => {
    const accountUid = 'org_01JD0000000000000000000H0T';
    await world.open(accountUid, null);
    const nodes = [world.node(), world.node(await database.reopen())];
    const callers = Array.from({ length: 16 }, async (_, caller) => {
      for (let round = 0; round < 15; round += 1) await nodes[caller % 2]!.charge(accountUid);
    });
    await Promise.all(callers);
    expect(expectSound(await database.log.readStream(`account-${accountUid}`), accountUid).chargeNumber).toBe(240n);
  }, 60_000);
});
