import { DATABASE_USER } from './cluster.js';
import { SOCKET_PORT } from './socket-directory.js';

/**
 * A URL for node-postgres, TypeORM and BullMQ. The host of the URL is a placeholder that the `host` parameter replaces;
 * port and sslmode are said so that PGPORT and PGSSLMODE of the environment do not take their place.
 */
export function connectionString(socketDirectory: string, database: string): string {
  const host = encodeURIComponent(socketDirectory);
  return `postgres://${DATABASE_USER}@localhost:${SOCKET_PORT}/${database}?host=${host}&sslmode=disable`;
}
