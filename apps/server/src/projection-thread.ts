import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import type { Settings } from '#libs/config';
import { SystemClock } from '#libs/kernel';
import { followInThread, ProjectionEngine } from '#libs/projections';
import { type LogSettings, openLog } from './open-log.js';
import { PROJECTIONS } from './parts.js';
import { openProjectionPool } from './projection-pool.js';

/** What the thread of the read models is started with. */
export type ProjectionThreadData = LogSettings &
  Pick<Settings, 'clockOffsetMs'> & {
    readonly connectionString: string;
  };

// Checks come first: on Linux this is the priority of the calling thread, elsewhere it would be that of the process.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const data = workerData as ProjectionThreadData;
const { connectionString } = data;
const clock = new SystemClock(data.clockOffsetMs);
const pool = openProjectionPool(connectionString);
// A connection that breaks while nobody uses it; the next batch makes another, and reports if it cannot.
pool.on('error', () => undefined);
const { log } = await openLog(data, { connectionString, clock, maxReads: 2 });
try {
  await followInThread((report) => new ProjectionEngine({ log, pool, clock, projections: PROJECTIONS, report }));
} finally {
  await log.close();
  await pool.end();
}
