import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { readSettings, type Settings } from '#libs/config';
import { connectionStringOf, DataDirectoryInUse } from '#libs/postgres';
import { forgetOtherLog, refuseOtherLog } from '../../server/src/log-of-read-models.js';
import { openStore, type Store } from '../../server/src/open-store.js';
import { PROJECTIONS } from '../../server/src/parts.js';
import { Shutdown } from '../../server/src/shutdown.js';
import { errorLogger } from './error-logger.js';
import { RebuildReport } from './rebuild-report.js';
import { UsageError } from './usage-error.js';

/**
 * Fills read models anew and says how it goes on standard output; the log goes to standard error. A server on the same
 * data goes on answering. Where the log has moved to another store, the read models are emptied first. Ctrl-C calls it off,
 * and the read models stay as they were.
 * Throws UsageError for a name that there is not or where there is no ledger; `conflict` while another rebuild runs;
 * OtherLog where only some are to be filled and the log has moved.
 */
export async function rebuild(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const settings = readSettings({ LOG_LEVEL: 'warn', ...env });
  refuseUnknown(names);
  refuseEmpty(settings);
  const logger = errorLogger(settings);
  const shutdown = new Shutdown(logger);
  try {
    const store = await openBesideServer(settings, logger, shutdown);
    if (names.length > 0) await refuseOtherLog(store.dataSource, settings);
    else await forgetOtherLog(store.dataSource, settings, PROJECTIONS);
    await run(store, names);
  } finally {
    await shutdown.run();
  }
}

async function run({ log, projections }: Store, names: readonly string[]): Promise<void> {
  const calledOff = new AbortController();
  const stop = () => calledOff.abort(new UsageError('The rebuild was called off; the read models are as they were.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const { all: head } = await log.heads();
  const began = performance.now();
  const report = new RebuildReport(
    head,
    () => performance.now() - began,
    (line) => void process.stdout.write(`${line}\n`),
  );
  const result = await projections.rebuild(names.length === 0 ? undefined : names, {
    onProgress: (progress) => report.progress(progress),
    signal: calledOff.signal,
  });
  report.result(result);
}

/** Opens the store as a server does, or, where a server has opened it, through that server's PostgreSQL. */
async function openBesideServer(settings: Settings, logger: Logger, shutdown: Shutdown): Promise<Store> {
  try {
    return await openStore(settings, logger, shutdown);
  } catch (error) {
    if (!(error instanceof DataDirectoryInUse)) throw error;
    const databaseUrl = await connectionStringOf(error.dataDir);
    if (databaseUrl === null) throw error;
    return openStore({ ...settings, databaseUrl }, logger, shutdown);
  }
}

function refuseUnknown(names: readonly string[]): void {
  const known = PROJECTIONS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`There is no read model "${unknown}". There are: ${[...known].sort().join(', ')}.`);
}

/** A mistyped directory would become an empty ledger, and its rebuild a success. */
function refuseEmpty({ databaseUrl, dataDir }: Settings): void {
  if (databaseUrl !== null || existsSync(join(dataDir, 'postgres'))) return;
  throw new UsageError(`There is no ledger in ${dataDir}. Set TOKEN_LEDGER_DATA_DIR or DATABASE_URL to where it is.`);
}
