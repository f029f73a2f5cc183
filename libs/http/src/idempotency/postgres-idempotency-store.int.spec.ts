import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { DAY_MS } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { idempotencyStoreContract } from '../testing/index.js';
import { CreateIdempotencyKeys1764000000100 } from './create-idempotency-keys.migration.js';
import { PostgresIdempotencyStore } from './postgres-idempotency-store.js';
import { purgeIdempotencyKeys } from './purge-idempotency-keys.js';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  source = new DataSource({
    type: 'postgres',
    url: database.connectionString,
    migrations: [CreateIdempotencyKeys1764000000100],
  });
  await source.initialize();
  await source.runMigrations();
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});
beforeEach(() => source.query('truncate platform.idempotency_keys'));

describe('PostgresIdempotencyStore', () => {
  idempotencyStoreContract(() => Promise.resolve(new PostgresIdempotencyStore(source)));

  it('is shared by all processes on one database', async () => {
    const claim = { caller: 'user:usr_1', keyHash: 'h', fingerprint: 'f', seed: 's', atMs: 5, money: false };
    const stores = [new PostgresIdempotencyStore(source), new PostgresIdempotencyStore(source)];
    const results = await Promise.all(stores.map((store) => store.claim(claim)));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'pending']);
  });

  it('forgets after 24 h what moved no money', async () => {
    const store = new PostgresIdempotencyStore(source);
    const clock = new ManualClock();
    const claim = { caller: 'c', fingerprint: 'f', seed: 's', atMs: clock.now(), money: false };
    await store.claim({ ...claim, keyHash: 'free' });
    await store.claim({ ...claim, keyHash: 'money', money: true });
    clock.advance(DAY_MS);
    expect(await purgeIdempotencyKeys(store, clock)).toBe(0);
    clock.advance(1);
    expect(await purgeIdempotencyKeys(store, clock)).toBe(1);
  });
});
