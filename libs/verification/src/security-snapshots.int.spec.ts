import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Fact, streamOf, toEvents } from '#libs/contracts';
import type { EventLog } from '#libs/event-log';
import { createLogDatabase, type LogDatabase } from '#libs/event-log/testing';
import { RandomIds } from '#libs/kernel';
import { Barrier } from './barrier.js';
import { SecuritySnapshots1764000005100 } from './security-snapshots.migration.js';
import type { SnapshotChunk } from './security-snapshot.js';
import { SecuritySnapshotTable } from './security-snapshot-table.js';
import { type LoadOutcome, SecuritySnapshots } from './security-snapshots.js';
import { SecurityState } from './security-state.js';

jest.setTimeout(60_000);

const USERS = 2_500;
const userUid = (number: number): string => `usr_${String(number).padStart(26, '0')}`;

interface Node {
  readonly state: SecurityState;
  readonly snapshots: SecuritySnapshots;
  readonly failures: unknown[];
  /** Loads the snapshot, then reads what came after it. */
  start(): Promise<{ outcome: LoadOutcome; eventsRead: number }>;
}

describe('snapshots of the security state, in PostgreSQL', () => {
  let database: LogDatabase;
  let log: EventLog;
  beforeAll(async () => {
    database = await createLogDatabase();
    log = await database.open();
    await new SecuritySnapshots1764000005100().up(database.admin as never);
    for (let number = 0; number < USERS; number += 1) void record(number);
    await record(USERS);
  });
  afterAll(() => database.close());
  beforeEach(() => database.admin.query('truncate platform.security_snapshots, platform.security_snapshot_chunks'));

  async function record(number: number): Promise<void> {
    const data = { userUid: userUid(number), handle: `u-${number}`, email: 'a@b.c', name: `User ${number}` };
    const fact: Fact = { type: 'UserCreated', data };
    const { clock } = database;
    const ids = new RandomIds(() => clock.now());
    const actor = { type: 'system', uid: 'system' } as const;
    const events = toEvents([fact], { actor, requestId: 'r', correlationId: 'r', at: clock.now(), ids });
    await log.append({ streams: [{ stream: streamOf.user(data.userUid), expected: 'noStream', events }] });
  }

  function node(over: { key?: number; installation?: string; log?: EventLog } = {}): Node {
    const used = over.log ?? log;
    const state = new SecurityState(() => undefined);
    const barrier = new Barrier({ log: used, apply: (event) => state.apply(event) });
    const failures: unknown[] = [];
    const snapshots = new SecuritySnapshots({
      state,
      barrier,
      log: used,
      store: new SecuritySnapshotTable(database.connectionString),
      installation: over.installation ?? 'ins_1',
      key: Buffer.alloc(32, over.key ?? 1),
      onFailure: (error) => failures.push(error),
    });
    const start = async () => {
      const outcome = await snapshots.load();
      await barrier.warmUp();
      return { outcome, eventsRead: state.foldedCount };
    };
    return { state, snapshots, failures, start };
  }

  /** A node that has read everything and left a snapshot behind when it stopped. */
  async function keep(): Promise<Node> {
    const first = node();
    expect(await first.start()).toMatchObject({ outcome: 'none' });
    await first.snapshots.stop();
    return first;
  }

  let added = USERS;
  const rowsOf = async (table: string): Promise<number> =>
    (await database.admin.query(`select from platform.${table}`)).rowCount ?? 0;

  it('spare the next start all but the events after them', async () => {
    const first = await keep();
    await record((added += 1));
    const second = node();
    expect(await second.start()).toEqual({ outcome: 'loaded', eventsRead: 1 });
    expect(second.state.directory.users.size).toBe(added + 1);
    const replayed = node({ installation: 'ins_2' });
    await replayed.start();
    expect(second.state.directory.parts()).toEqual(replayed.state.directory.parts());
    expect(first.failures).toEqual([]);
  });

  it('are kept once, and not for a few events', async () => {
    await keep();
    const second = node();
    await second.start();
    await record((added += 1));
    await second.snapshots.stop();
    expect(await rowsOf('security_snapshots')).toBe(1);
    const third = node();
    expect(await third.start()).toEqual({ outcome: 'loaded', eventsRead: 1 });
    expect(await third.snapshots.write()).toBe(true);
    const { rows } = await database.admin.query('select distinct snapshot from platform.security_snapshot_chunks');
    expect(rows).toHaveLength(1);
  });

  it('are written by one of several servers that reach as far', async () => {
    const nodes = [node(), node(), node()];
    await Promise.all(nodes.map(({ start }) => start()));
    const written = await Promise.all(nodes.map(({ snapshots }) => snapshots.write()));
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(nodes.flatMap(({ failures }) => failures)).toEqual([]);
    expect(await node().start()).toEqual({ outcome: 'loaded', eventsRead: 0 });
  });

  it.each<[string, string, LoadOutcome]>([
    [
      'a byte of it was changed',
      `chunks set bytes = set_byte(bytes, 7, get_byte(bytes, 7) # 1) where number = 0`,
      'damaged',
    ],
    ['a part of it is missing', `chunks set kind = 'shared' where number = 0`, 'damaged'],
    ['its seal is another', `s set seal = repeat('0', 64)`, 'damaged'],
    ['it is of another format', `s set format = '0-LE'`, 'otherVersion'],
    ['it is of another fold', `s set fold = fold + 1`, 'otherVersion'],
    ['it ends at another event', `s set event_id = gen_random_uuid()::text`, 'otherLog'],
    ['it ends at another position', `s set position = position + 1`, 'otherLog'],
    ['it ends beyond the log', `s set revision = revision + 1`, 'otherLog'],
    ['it is of another installation', `s set installation = 'ins_9'`, 'otherLog'],
  ])('are left alone when %s: the log is read from its beginning', async (_what, change, outcome) => {
    await keep();
    const table = change.startsWith('chunks') ? 'security_snapshot_chunks' : 'security_snapshots';
    await database.admin.query(`update platform.${table} ${change.slice(change.indexOf('set'))}`);
    const second = node();
    const started = await second.start();
    expect(started.outcome).toBe(outcome);
    expect(started.eventsRead).toBe(second.state.directory.users.size);
    expect(second.state.directory.users.size).toBe(added + 1);
  });

  it('are left alone when their seal was made with another key', async () => {
    await keep();
    expect(await node({ key: 2 }).start()).toMatchObject({ outcome: 'damaged' });
  });

  it('come back byte for byte, however large they are', async () => {
    const store = new SecuritySnapshotTable(database.connectionString);
    const chunks = Array.from({ length: 40 }, () => ({ kind: 'block' as const, bytes: randomBytes(700_000) }));
    const head = { format: 'f', fold: 1, installation: 'i', eventId: 'e', stream: 's', revision: '0', position: '1' };
    expect(await store.write(head, chunks, () => 'seal')).toBe(true);
    const found = await store.read(async (kept) => {
      const all: SnapshotChunk[] = [];
      for await (const chunk of kept!.chunks) all.push(chunk);
      return all;
    });
    expect(found.map(({ bytes }) => bytes.equals(chunks.shift()!.bytes))).toEqual(Array(40).fill(true));
  });

  it('that cannot be read are told of, and the server starts from the log', async () => {
    await database.admin.query('alter table platform.security_snapshots rename to away');
    const second = node();
    const started = await second
      .start()
      .finally(() => database.admin.query('alter table platform.away rename to security_snapshots'));
    expect(started.outcome).toBe('failed');
    expect(second.failures).toHaveLength(1);
    expect(second.state.directory.users.size).toBe(added + 1);
  });
});
