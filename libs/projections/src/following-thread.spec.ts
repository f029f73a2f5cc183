import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Position } from '#libs/event-log';
import { FollowingThread, type ThreadListener } from './following-thread.js';
import type { ProjectionReport } from './projection-report.js';

/** A thread that runs a few lines instead of an engine. */
const entryOf = (lines: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort, workerData } from 'node:worker_threads'; ${lines}`)}`,
  );

/** Follows, answers every expectation, dies where position 13 is expected, and ends when it is told to. */
const OBEDIENT = entryOf(`
  parentPort.on('message', ({ kind, position }) => {
    if (kind === 'stop') return parentPort.close();
    if (position === 13n) process.exit(7);
    parentPort.postMessage({ kind: 'reached', position });
  });
  parentPort.postMessage({ kind: 'following' });`);

class Witness implements ThreadListener {
  readonly seen: string[] = [];
  private look: () => void = () => undefined;

  reached(position: Position): void {
    this.note(`reached ${position}`);
  }

  following(isFollowing: boolean): void {
    this.note(isFollowing ? 'follows' : 'does not follow');
  }

  async until(...expected: string[]): Promise<void> {
    while (this.seen.length < expected.length) await new Promise<void>((resolve) => (this.look = resolve));
    expect(this.seen).toEqual(expected);
  }

  private note(what: string): void {
    this.seen.push(what);
    this.look();
  }
}

describe('the thread of the read models', () => {
  const at = (position: bigint) => position as Position;
  let folder: string;
  let stopping: AbortController;
  let witness: Witness;
  let reports: ProjectionReport[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'following-thread-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => {
    stopping = new AbortController();
    witness = new Witness();
    reports = [];
  });

  const threadOf = (entry: URL, data: unknown = null) =>
    new FollowingThread({ entry, data, report: (report) => void reports.push(report) });

  async function stop(thread: FollowingThread): Promise<void> {
    stopping.abort();
    await thread.stop();
  }

  it('has started when it follows the log, and tells what was waited for', async () => {
    const thread = threadOf(OBEDIENT);
    await thread.start(stopping.signal, witness);
    thread.expect(at(5n));
    await witness.until('follows', 'reached 5');
    await stop(thread);
    await witness.until('follows', 'reached 5', 'does not follow');
    expect(reports).toEqual([]);
  });

  it('is started again when it ends by itself', async () => {
    const thread = threadOf(OBEDIENT);
    await thread.start(stopping.signal, witness);
    thread.expect(at(13n));
    await witness.until('follows', 'does not follow', 'follows');
    expect(reports).toMatchObject([{ kind: 'retrying', activity: 'thread', failures: 1 }]);
    await stop(thread);
  });

  it('says what keeps it from starting', async () => {
    const thread = threadOf(entryOf(`throw new Error('no database');`));
    await expect(thread.start(stopping.signal, witness)).rejects.toThrow('no database');
  });

  it('can be stopped while it is down', async () => {
    const thread = threadOf(
      entryOf(`
      parentPort.postMessage({ kind: 'following' });
      parentPort.once('message', () => process.exit(1));`),
    );
    await thread.start(stopping.signal, witness);
    thread.expect(at(1n));
    await witness.until('follows', 'does not follow');
    await stop(thread);
  });

  it('can be stopped while it is on its way up again', async () => {
    const thread = threadOf(
      entryOf(`
        import { existsSync, writeFileSync } from 'node:fs';
        if (existsSync(workerData)) {
          parentPort.postMessage({ kind: 'reached', position: 0n });
          parentPort.on('message', () => parentPort.close());
        } else {
          writeFileSync(workerData, '');
          parentPort.postMessage({ kind: 'following' });
          parentPort.once('message', () => process.exit(1));
        }`),
      join(folder, 'was-started'),
    );
    await thread.start(stopping.signal, witness);
    thread.expect(at(1n));
    await witness.until('follows', 'does not follow', 'reached 0');
    await stop(thread);
  });
});
