import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Settings } from '#libs/config';
import { MINUTE_MS } from '#libs/kernel';
import { DataDirectoryInUse, EmbeddedPostgres } from '#libs/postgres';
import { RecentTimes } from './recent-times.js';
import type { Shutdown } from './shutdown.js';

/** A server that dies is started again; one that cannot stay up is not a ledger any more. */
const RESTARTS_MAX = 5;
const RESTARTS_WITHIN_MS = 10 * MINUTE_MS;

/** Starts the PostgreSQL of this server, and again whenever it ends; gives its URL. */
export async function startOwnPostgres(settings: Settings, logger: Logger, shutdown: Shutdown): Promise<string> {
  const postgres = await EmbeddedPostgres.start({
    dataDir: join(settings.dataDir, 'postgres'),
    log: (line) => logger.debug({ postgres: line }, 'postgres'),
  });
  shutdown.add('postgres', () => postgres.stop(), { isLast: true });
  const recent = new RecentTimes(RESTARTS_WITHIN_MS);

  function startAgain(why: object): void {
    if (shutdown.draining) return;
    const restarts = recent.add(performance.now());
    logger.error({ ...why, restarts }, 'the embedded PostgreSQL ended; it is started again');
    if (restarts > RESTARTS_MAX) return giveUp(logger, shutdown);
    postgres.restart().catch((error: unknown) => {
      // Another ledger has taken the server over: starting it again would only be refused again.
      if (error instanceof DataDirectoryInUse) {
        logger.fatal({ err: error }, 'the embedded PostgreSQL cannot be started again');
        return giveUp(logger, shutdown);
      }
      // Killed while it started, most often: whatever takes the memory of a server takes that of its recovery.
      startAgain({ err: error });
    });
  }

  postgres.onExit((exit) => startAgain({ exit }));
  return postgres.connectionString;
}

function giveUp(logger: Logger, shutdown: Shutdown): void {
  logger.fatal('stopping: without PostgreSQL nothing can be confirmed');
  void shutdown.giveUp().then(() => process.exit(1));
}
