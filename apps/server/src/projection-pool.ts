import pg from 'pg';

/** A batch takes one, a rebuild two, and the lease of a projector one more. */
const POOL_MAX = 5;

/** Connections for read models. `name`: of their sessions, where it matters. */
export function openProjectionPool(connectionString: string, name = 'token-ledger projections'): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: POOL_MAX, application_name: name });
  // A connection that breaks in the moment in which it is made has no listener of whoever asked for it yet, and an error
  // that nobody listens to ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
