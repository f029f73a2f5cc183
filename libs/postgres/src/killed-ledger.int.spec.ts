import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedPostgres } from './index.js';
import { isAlive, pidIsTaken } from './process-info.js';
import { ChildLedger, makeChildProject } from './testing/child-project.js';
import {
  makeRunningStranger,
  makeUncollectedStranger,
  makeWorkFolder,
  query,
  removeWorkFolder,
} from './testing/work-folder.js';

jest.setTimeout(30_000);

describe('EmbeddedPostgres after its ledger was killed', () => {
  let folder: string;
  let dataDir: string;
  let project: string;
  const children: ChildLedger[] = [];
  const started: EmbeddedPostgres[] = [];

  beforeAll(async () => {
    folder = await makeWorkFolder();
    dataDir = join(folder, 'data');
    project = join(folder, 'project');
    await makeChildProject(project);
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
    children.splice(0).forEach((child) => child.process.kill('SIGKILL'));
  });

  afterAll(() => removeWorkFolder(folder, [dataDir]));

  async function start(): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.start({ dataDir });
    started.push(postgres);
    return postgres;
  }

  function startChild(): ChildLedger {
    const child = ChildLedger.start(project, dataDir);
    children.push(child);
    return child;
  }

  it('takes over the running server, and stops it at the end', async () => {
    const child = startChild();
    const left = await child.started();
    await query(left.connectionString, 'create table kept as select 7 as value');
    await child.kill();
    const postgres = await start();
    expect(postgres.adopted).toBe(true);
    expect(postgres.pid).toBe(left.pid);
    expect(postgres.connectionString).toBe(left.connectionString);
    expect(await query(postgres.connectionString, 'table kept')).toEqual([{ value: 7 }]);
    await postgres.stop();
    expect(isAlive(left.pid)).toBe(false);
  });

  it('keeps serving although nobody reads its log any more', async () => {
    const child = startChild();
    const { connectionString } = await child.started();
    await child.kill();
    await start();
    await query(
      connectionString,
      `do $$ begin for i in 1..2000 loop raise warning '%', repeat('x', 100); end loop; end $$`,
    );
    await expect(query(connectionString, 'select 1/0')).rejects.toThrow('division by zero');
    expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells that a server taken over was killed, and restarts it', async () => {
    const child = startChild();
    await child.started();
    await child.kill();
    const postgres = await start();
    const exit = new Promise((resolve) => postgres.onExit(resolve));
    process.kill(postgres.pid, 'SIGKILL');
    expect(await exit).toEqual({ code: null, signal: null });
    await postgres.restart();
    expect(postgres.adopted).toBe(false);
    expect(await query(postgres.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('waits for a server that still recovers from a crash of its own', async () => {
    const crashed = startChild();
    const { pid, connectionString } = await crashed.started();
    await query(connectionString, 'create table many as select generate_series(1, 100000) as value');
    process.kill(pid, 'SIGKILL');
    await crashed.kill();
    const killedEarly = startChild();
    await killedEarly.logged('starting PostgreSQL');
    await killedEarly.kill();
    const postgres = await start();
    expect(postgres.adopted).toBe(true);
    expect(await query(postgres.connectionString, 'select count(*)::int from many')).toEqual([{ count: 100_000 }]);
  });

  it('waits for a server that is shutting down, and starts a new one then', async () => {
    const child = startChild();
    const { pid } = await child.started();
    await child.kill();
    process.kill(pid, 'SIGINT');
    const postgres = await start();
    expect(postgres.adopted).toBe(false);
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ['belongs to an unrelated process now', makeRunningStranger],
    ['is that of a process which nobody collected', makeUncollectedStranger],
  ])('starts although the pid in the files of a dead server %s', async (_, makeStranger) => {
    const first = await start();
    process.kill(first.pid, 'SIGKILL');
    await new Promise((resolve) => first.onExit(resolve));
    const stranger = await makeStranger();
    for (const path of [join(dataDir, 'postmaster.pid'), join(dataDir, 'socket/.s.PGSQL.5432.lock')]) {
      const [, ...rest] = (await readFile(path, 'utf8')).split('\n');
      await writeFile(path, [stranger.pid, ...rest].join('\n'));
    }
    await first.restart();
    expect(await query(first.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(pidIsTaken(stranger.pid)).toBe(true);
    await stranger.end();
  });
});

describe('EmbeddedPostgres beside another ledger', () => {
  let folder: string;
  let dataDir: string;
  let project: string;
  const children: ChildLedger[] = [];

  beforeAll(async () => {
    folder = await makeWorkFolder();
    dataDir = join(folder, 'data');
    project = join(folder, 'project');
    await makeChildProject(project);
  });

  afterEach(() => {
    children.splice(0).forEach((child) => child.process.kill('SIGKILL'));
  });

  afterAll(() => removeWorkFolder(folder, [dataDir]));

  function startChild(): ChildLedger {
    const child = ChildLedger.start(project, dataDir);
    children.push(child);
    return child;
  }

  it('makes one cluster when two start at the same moment on a new directory; the loser names the winner', async () => {
    const pair = [startChild(), startChild()];
    const outcomes = await Promise.all(pair.map((child) => child.outcome()));
    const winner = pair[outcomes.findIndex((outcome) => outcome.started)];
    expect(outcomes.filter((outcome) => outcome.started)).toHaveLength(1);
    expect(outcomes.find((outcome) => outcome.failed)?.failed).toEqual({
      name: 'DataDirectoryInUse',
      message: `Cannot use ${dataDir}: another ledger (pid ${winner?.process.pid}) is serving this directory. Stop it first, or set DATABASE_URL or another TOKEN_LEDGER_DATA_DIR.`,
    });
    expect((await readdir(folder)).sort()).toEqual(['data', 'data.owner', 'project']);
    await winner?.stop();
    expect((await readdir(folder)).sort()).toEqual(['data', 'project']);
  });

  it('is refused by the server itself when the owner file is gone', async () => {
    const child = startChild();
    const { connectionString } = await child.started();
    await rm(`${dataDir}.owner`);
    await expect(EmbeddedPostgres.start({ dataDir })).rejects.toMatchObject({
      name: 'DataDirectoryInUse',
      ownerPid: child.process.pid,
    });
    expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await child.stop();
  });

  it('starts nothing beside a server that it cannot see as a process but whose socket answers', async () => {
    const child = startChild();
    const { pid, connectionString } = await child.started();
    await rm(`${dataDir}.owner`);
    await rename(join(dataDir, 'postmaster.pid'), join(folder, 'hidden'));
    await expect(EmbeddedPostgres.start({ dataDir })).rejects.toThrow('another ledger (out of sight of this process)');
    await rename(join(folder, 'hidden'), join(dataDir, 'postmaster.pid'));
    expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await child.stop();
    expect(isAlive(pid)).toBe(false);
  });
});
