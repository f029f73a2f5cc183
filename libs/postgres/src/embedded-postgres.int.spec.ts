import { execFileSync } from 'node:child_process';
import { lstat, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPostgresBackend, Queue, runMigrations, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { EmbeddedPostgres, type PostmasterExit } from './index.js';
import { isAlive } from './process-info.js';
import { makeWorkFolder, query, removeWorkFolder } from './testing/work-folder.js';

jest.setTimeout(30_000);

describe('EmbeddedPostgres on an existing directory', () => {
  let folder: string;
  let home: string;
  let dataDir: string;
  const started: EmbeddedPostgres[] = [];

  beforeAll(async () => {
    folder = await makeWorkFolder();
    home = join(folder, 'data');
    dataDir = home;
    await (await EmbeddedPostgres.start({ dataDir })).stop();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
    if (dataDir !== home) await rename(dataDir, home);
    dataDir = home;
  });

  afterAll(() => removeWorkFolder(folder, [dataDir]));

  async function start(options: { log?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.start({ dataDir, ...options });
    started.push(postgres);
    return postgres;
  }

  /** Starts on the same data, moved to `path` until the test ends. */
  async function startMoved(path: string): Promise<EmbeddedPostgres> {
    await rename(home, path);
    dataDir = path;
    return start();
  }

  it('keeps what was committed over a stop and a warm start', async () => {
    const first = await start();
    await query(first.connectionString, 'create table kept as select 7 as value');
    await first.stop();
    const second = await start();
    expect(second.connectionString).toBe(first.connectionString);
    expect(await query(second.connectionString, 'table kept')).toEqual([{ value: 7 }]);
  });

  it('serves node-postgres, TypeORM and BullMQ through one URL, whatever the path and the PG variables are', async () => {
    process.env['PGPORT'] = '1';
    process.env['PGSSLMODE'] = 'require';
    try {
      const url = (await startMoved(join(folder, 'a b#c?d%41,é"'))).connectionString;
      expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
      const source = await new DataSource({ type: 'postgres', url }).initialize();
      expect(await source.query('select current_database() as name')).toEqual([{ name: 'ledger' }]);
      await source.destroy();
      expect(await addJob(url)).toBe('done-over-the-socket');
    } finally {
      delete process.env['PGPORT'];
      delete process.env['PGSSLMODE'];
    }
  });

  it('uses a short private directory for the socket when the path of the data directory is too long for one', async () => {
    const longPath = join(folder, 'x'.repeat(120));
    const first = await startMoved(longPath);
    const socketDir = new URL(first.connectionString).searchParams.get('host') ?? '';
    expect(socketDir.startsWith(longPath)).toBe(false);
    expect((await lstat(socketDir)).mode & 0o777).toBe(0o700);
    expect(await query(first.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await first.stop();
    await expect(stat(socketDir)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await start()).connectionString).toBe(first.connectionString);
  });

  it('leaves no process, no lock and no socket behind after stop', async () => {
    const postgres = await start();
    const { pid } = postgres;
    expect(processesIn(pid)).not.toBe('');
    await postgres.stop();
    await postgres.stop();
    expect(isAlive(pid)).toBe(false);
    expect(processesIn(pid)).toBe('');
    expect(await readdir(folder)).toEqual(['data']);
    expect(await readdir(join(dataDir, 'socket'))).toEqual([]);
  });

  it('runs in a process group of its own, which Ctrl-C in the terminal of the ledger does not reach', async () => {
    const { pid } = await start();
    expect(Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }))).toBe(pid);
  });

  it('refuses a second start on a directory that this process serves already', async () => {
    const postgres = await start();
    await expect(start()).rejects.toThrow(
      `another ledger (pid ${process.pid}) is serving this directory. Stop it first, or set DATABASE_URL`,
    );
    expect(await query(postgres.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells that the server was killed, and restarts it with every committed row', async () => {
    const postgres = await start();
    const url = postgres.connectionString;
    await query(url, 'create table many as select generate_series(1, 1000) as value');
    const killedPid = postgres.pid;
    const exit = new Promise<PostmasterExit>((resolve) => postgres.onExit(resolve));
    process.kill(killedPid, 'SIGKILL');
    expect(await exit).toEqual({ code: null, signal: 'SIGKILL' });
    await postgres.restart();
    expect(postgres.pid).not.toBe(killedPid);
    expect(postgres.connectionString).toBe(url);
    expect(await query(url, 'select count(*)::int from many')).toEqual([{ count: 1000 }]);
  });

  it('stops after the server was killed', async () => {
    const postgres = await start();
    const exit = new Promise<PostmasterExit>((resolve) => postgres.onExit(resolve));
    process.kill(postgres.pid, 'SIGKILL');
    await exit;
    await postgres.stop();
    expect(await readdir(folder)).toEqual(['data']);
    await expect(postgres.restart()).rejects.toThrow('after stop()');
  });

  it('stays the owner when the server resets itself after one of its processes crashed', async () => {
    const reset = withResolvers<void>();
    let starts = 0;
    const postgres = await start({
      log: (line) => {
        starts += line.endsWith('ready to accept connections') ? 1 : 0;
        if (starts === 2) reset.resolve();
      },
    });
    postgres.onExit(() => reset.reject(new Error('the server ended')));
    const client = new pg.Client({ connectionString: postgres.connectionString });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await reset.promise;
    await client.end();
    expect(await query(postgres.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

async function addJob(connectionString: string): Promise<string | undefined> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await runMigrations(client, 'jobs');
  await client.end();
  setDefaultBackendFactory(createPostgresBackend);
  const options = { connection: { connectionString, schema: 'jobs' } };
  const queue = new Queue('spec', options);
  const job = await queue.add('spec', {}, { jobId: 'done-over-the-socket' });
  await queue.close();
  return job.id;
}

/** Processes of the session that the postmaster `pid` leads. */
function processesIn(pid: number): string {
  const lines = execFileSync('ps', ['-A', '-o', 'sess=,stat=,cmd='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.trim().startsWith(`${pid} `) && !line.includes(' Z')).join('\n');
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
