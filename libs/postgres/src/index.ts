export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
export { DataDirectoryInUse, EmbeddedPostgresError } from './embedded-postgres-error.js';
export type { PostmasterExit } from './spawn-postmaster.js';
export { DATABASE_NAME } from './launch-postmaster.js';
export { connectionStringOf } from './connection-string-of.js';
export { outliveBreaks } from './outlive-breaks.js';
export { probePostgres } from './probe-postgres.js';
