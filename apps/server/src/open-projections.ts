import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Settings } from '#libs/config';
import { type EventLog, LogUnavailable } from '#libs/event-log';
import { ThrottledLog } from '#libs/http';
import type { Clock } from '#libs/kernel';
import { FollowingThread, ProjectionEngine, type Reporter, sessionNameOf } from '#libs/projections';
import { nodeNameOf } from './node-name.js';
import { PROJECTIONS } from './parts.js';
import type { ProjectionMetrics } from './projection-metrics.js';
import { openProjectionPool } from './projection-pool.js';
import type { ProjectionThreadData } from './projection-thread.js';
import type { ServiceWatches } from './service-watches.js';
import type { Shutdown } from './shutdown.js';

/** Those who wait for a projector's batches are in other processes, so it does not see that they wait. */
const PROJECTOR_GATHER_MS = 50;

/** Where the sources are loaded themselves, as tests do, the thread still runs what was built of them. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/apps/server/src/projection-thread.js' : './projection-thread.js',
  import.meta.url,
);

export interface ProjectionParts {
  readonly connectionString: string;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: ProjectionMetrics;
  readonly watches: ServiceWatches;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
}

/**
 * The engine of the read models. Projectors take turns; a process that does everything always follows the log, in a thread
 * of its own, because a batch that is folded beside the requests keeps all of them waiting.
 */
export function openProjections(settings: Settings, parts: ProjectionParts): ProjectionEngine {
  const { connectionString, log, clock, watches, logger, shutdown } = parts;
  const isProjector = settings.role === 'projector';
  // Another name at each start: a turn is never taken for one of an earlier process.
  const holder = `${nodeNameOf(settings)}-${randomUUID().slice(0, 8)}`;
  const pool = openProjectionPool(connectionString, isProjector ? sessionNameOf(holder) : undefined);
  const trouble = new ThrottledLog(logger);
  pool.on('error', (err) => {
    watches.postgres.suspect('readModels');
    trouble.warn({ err }, 'a connection of the read models broke');
  });
  shutdown.add('projection connections', () => pool.end());
  const report = reporterOf(parts, trouble);
  const turns = { standby: { holder }, gatherMs: PROJECTOR_GATHER_MS };
  const thread = threadOf(settings, connectionString, report);
  return new ProjectionEngine({
    log,
    pool,
    clock,
    projections: PROJECTIONS,
    report,
    ...(isProjector ? turns : { thread }),
  });
}

function threadOf(settings: Settings, connectionString: string, report: Reporter): FollowingThread {
  const { eventStoreUrl, eventStorePrefix, eventStoreLeaseMs, clockOffsetMs } = settings;
  const place = { connectionString, eventStoreUrl, eventStorePrefix, eventStoreLeaseMs };
  const data: ProjectionThreadData = { ...place, clockOffsetMs };
  return new FollowingThread({ entry: THREAD, data, report });
}

function reporterOf({ logger, metrics, watches }: ProjectionParts, trouble: ThrottledLog): Reporter {
  return (report) => {
    metrics.note(report);
    switch (report.kind) {
      case 'applied':
        return;
      case 'retrying': {
        const { activity, failures, delayMs, error: err } = report;
        (isOfLog(err) ? watches.log : watches.postgres).suspect('readModels');
        return trouble.warn({ activity, failures, delayMs, err }, 'read models: a step failed and is tried again');
      }
      case 'turnBegan':
        return logger.info({ projections: report }, 'read models: this process follows the log from now on');
      case 'turnEnded':
        return logger.info({ projections: report }, 'read models: this process does not follow the log any more');
      case 'rebuilt':
        return logger.info({ projections: report }, 'read models: rebuilt');
      case 'quarantined':
        return logger.error({ projections: report }, 'read models: something could not be folded');
      case 'rebuildFailed':
        return logger.error({ projections: report.projections, err: report.error }, 'read models: a rebuild failed');
    }
  };
}

/** By its name: an error that comes from the thread has lost its class on the way. */
function isOfLog(error: unknown): boolean {
  return error instanceof Error && error.name === LogUnavailable.name;
}
