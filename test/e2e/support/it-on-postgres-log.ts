import { describe, it } from '@jest/globals';
import { EVENT_STORE_URL } from './event-store.js';

/**
 * A test that does something to the PostgreSQL of the log. With the log in EventStoreDB it would prove nothing: there it is
 * left out, and one line says so and `why`.
 */
export function itOnPostgresLog(why: string) {
  return (name: string, run: () => Promise<void>, timeoutMs?: number): void => {
    if (isOnPostgresLog(name, why)) it(name, run, timeoutMs);
    else it.skip(name, run, timeoutMs);
  };
}

/** A suite of such tests. */
export function describeOnPostgresLog(why: string) {
  return (name: string, tests: () => void): void => {
    if (isOnPostgresLog(name, why)) describe(name, tests);
    else describe.skip(name, tests);
  };
}

function isOnPostgresLog(name: string, why: string): boolean {
  if (EVENT_STORE_URL === '') return true;
  process.stdout.write(`Left out with the log in EventStoreDB: «${name}», because ${why}.\n`);
  return false;
}
