import { awaitLeftPostmaster } from './await-postmaster.js';
import { resolveDataDir } from './cluster.js';
import { connectionString } from './connection-string.js';
import { explainFileError } from './embedded-postgres-error.js';
import { DATABASE_NAME } from './launch-postmaster.js';
import { readPostmasterPid } from './postmaster-pid.js';
import { socketAnswers } from './socket-directory.js';

/**
 * URL of the database `ledger` in the server that another ledger runs on `dataDir` at this moment, waited for while it
 * starts or recovers; null when none answers. The server stays that ledger's, and ends with it.
 *
 * @throws EmbeddedPostgresError when this user may not look into the directory.
 */
export async function connectionStringOf(dataDir: string): Promise<string | null> {
  try {
    const resolved = await resolveDataDir(dataDir);
    const live = await awaitLeftPostmaster(resolved, () => undefined);
    // In another container that shares the directory its process cannot be seen from here, but its socket answers.
    const socketDirectory = live?.socketDirectory ?? (await readPostmasterPid(resolved))?.socketDirectory;
    if (socketDirectory === undefined || !(await socketAnswers(socketDirectory))) return null;
    return connectionString(socketDirectory, DATABASE_NAME);
  } catch (error) {
    throw explainFileError(dataDir, error);
  }
}
