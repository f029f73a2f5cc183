import { parentPort } from 'node:worker_threads';
import type { Position } from '#libs/event-log';
import { assert } from '#libs/kernel';
import type { ProjectionEngine } from './projection-engine.js';
import type { ProjectionReport, Reporter } from './projection-report.js';
import type { FromThread, ToThread } from './thread-messages.js';

/** Longer than anybody waits for a position. */
const EXPECTED_WITHIN_MS = 60_000;

/** Follows the log until whoever started this thread says `stop`; the engine is made with the reporter that is given. */
export async function followInThread(makeEngine: (report: Reporter) => ProjectionEngine): Promise<void> {
  const engine = makeEngine((report) => {
    if (report.kind === 'applied') post({ kind: 'reached', position: engine.reached });
    post({ kind: 'report', report: withPlainError(report) });
  });
  const stopped = new Promise<void>((resolve) => {
    port().on('message', (message: ToThread) => {
      if (message.kind === 'stop') resolve();
      else void expect(engine, message.position);
    });
  });
  await engine.start();
  post({ kind: 'following' });
  await stopped;
  await engine.stop();
  // An open port would keep the thread alive.
  port().close();
}

/** Somebody waits, so that the engine does not let events gather. */
async function expect(engine: ProjectionEngine, position: Position): Promise<void> {
  const isReached = await engine.waitFor(position, EXPECTED_WITHIN_MS);
  if (isReached) post({ kind: 'reached', position: engine.reached });
}

function post(message: FromThread): void {
  port().postMessage(message);
}

function port() {
  assert(parentPort !== null, 'this runs in a thread');
  return parentPort;
}

function withPlainError(report: ProjectionReport): ProjectionReport {
  if (report.kind !== 'retrying' && report.kind !== 'rebuildFailed') return report;
  const error = report.error instanceof Error ? report.error : new Error(String(report.error));
  const { name, message, stack } = error;
  return { ...report, error: { name, message, stack, ...('code' in error ? { code: error.code } : {}) } };
}
