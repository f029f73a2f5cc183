import { performance } from 'node:perf_hooks';
import { readSettings } from '#libs/config';
import { moveLog } from '#libs/event-log';
import { Shutdown } from '../../server/src/shutdown.js';
import { errorLogger } from './error-logger.js';
import { openSource, openTarget, storeNamed } from './move-end.js';
import { MoveReport } from './move-report.js';
import { UsageError } from './usage-error.js';

const USAGE =
  'Say from which store the log is copied, and to which: npm run migrate-log -- --from postgres --to esdb, ' +
  'where either may be an address (postgres://… or esdb://…).';

/**
 * Copies the event log from one store to another, compares every event of both, and says how it goes on standard output.
 * Killed or called off, it goes on where it was when it is run again. The source is never changed.
 * Throws UsageError for stores that cannot be used or are in use, ForeignEvents, SourceMoved, LogUnavailable.
 */
export async function migrateLog(
  { from, to }: { readonly from?: string; readonly to?: string },
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (from === undefined || to === undefined) throw new UsageError(USAGE);
  const settings = readSettings({ LOG_LEVEL: 'warn', ...env });
  const stores = { from: storeNamed(from, settings), to: storeNamed(to, settings) };
  if (stores.from === stores.to) throw new UsageError('The log is there already: --from and --to name the same store.');
  const shutdown = new Shutdown(errorLogger(settings));
  const calledOff = new AbortController();
  const stop = () => calledOff.abort(new UsageError('The copy was called off; run this again, and it goes on.'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const source = await openSource(stores.from, { settings, shutdown });
    const { log: target, importer } = await openTarget(stores.to, { settings, shutdown });
    const began = performance.now();
    const report = new MoveReport(
      () => performance.now() - began,
      (line) => void process.stdout.write(`${line}\n`),
    );
    const onProgress = report.progress.bind(report);
    report.result(await moveLog({ source, target, importer, onProgress, signal: calledOff.signal }));
  } finally {
    await shutdown.run();
  }
}
