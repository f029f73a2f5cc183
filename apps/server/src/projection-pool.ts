import { outliveBreaks } from '#libs/postgres';
import pg from 'pg';

/** A batch takes one, a rebuild two, and the lease of a projector one more. */
const POOL_MAX = 5;

/** Connections for read models. `name`: of their sessions, where it matters. */
export function openProjectionPool(connectionString: string, name = 'token-ledger projections'): pg.Pool {
  return new pg.Pool({ connectionString, max: POOL_MAX, application_name: name, onConnect: outliveBreaks });
}
