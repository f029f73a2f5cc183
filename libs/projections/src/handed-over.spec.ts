import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Position } from '#libs/event-log';
import { FollowingThread } from './following-thread.js';
import { HandedOver } from './handed-over.js';
import type { ProjectionReport } from './projection-report.js';

const entryOf = (lines: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${lines}`)}`);

/** Follows, and dies when a position is expected. */
const MORTAL = entryOf(`
  parentPort.on('message', ({ kind }) => (kind === 'stop' ? parentPort.close() : process.exit(1)));
  parentPort.postMessage({ kind: 'following' });`);

describe('following that is handed over to a thread', () => {
  let stopping: AbortController;
  let seen: string[];
  let reports: ProjectionReport[];
  let look: () => void;

  beforeEach(() => {
    stopping = new AbortController();
    seen = [];
    reports = [];
    look = () => undefined;
  });

  function note(what: string): void {
    seen.push(what);
    look();
  }

  async function until(...expected: string[]): Promise<void> {
    while (seen.length < expected.length) await new Promise<void>((resolve) => (look = resolve));
    expect(seen).toEqual(expected);
  }

  function handedOver(entry: URL): HandedOver {
    const report = (entryOfReport: ProjectionReport): void => {
      reports.push(entryOfReport);
      look();
    };
    const followHere = async (signal: AbortSignal): Promise<void> => {
      note('here');
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      note('no more here');
    };
    const thread = new FollowingThread({ entry, data: null, report });
    return new HandedOver({ thread, followHere, report, onReached: () => undefined });
  }

  async function stop(following: HandedOver): Promise<void> {
    stopping.abort();
    await following.stop();
  }

  it('follows here from the start, and no more when the thread does', async () => {
    const following = handedOver(MORTAL);
    following.start(stopping.signal);
    await until('here', 'no more here');
    await stop(following);
    expect(seen).toHaveLength(2);
  });

  it('follows here again while the thread is down', async () => {
    const following = handedOver(MORTAL);
    following.start(stopping.signal);
    await until('here', 'no more here');
    following.expect(1n as Position);
    await until('here', 'no more here', 'here', 'no more here');
    await stop(following);
  });

  it('goes on here, and says so, while the thread cannot be started', async () => {
    const following = handedOver(entryOf(`throw new Error('no memory');`));
    following.start(stopping.signal);
    while (reports.length < 2) await new Promise<void>((resolve) => (look = resolve));
    expect(reports).toMatchObject([
      { kind: 'retrying', activity: 'thread', failures: 1 },
      { kind: 'retrying', activity: 'thread', failures: 2 },
    ]);
    expect(seen).toEqual(['here']);
    await stop(following);
    expect(seen).toEqual(['here', 'no more here']);
  });

  it('can be stopped before the thread is up, and started again', async () => {
    const following = handedOver(MORTAL);
    following.start(stopping.signal);
    await until('here');
    await stop(following);
    await until('here', 'no more here');
    stopping = new AbortController();
    following.start(stopping.signal);
    await until('here', 'no more here', 'here', 'no more here');
    await stop(following);
  });
});
