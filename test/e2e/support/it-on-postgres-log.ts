import { it } from '@jest/globals';
import { EVENT_STORE_URL } from './event-store.js';

/**
 * A test that does something to the PostgreSQL of the log. With the log in EventStoreDB it would prove nothing: there it is
 * left out, and one line says so and `why`.
 */
export function itOnPostgresLog(why: string) {
  return (name: string, run: () => Promise<void>, timeoutMs?: number): void => {
    if (EVENT_STORE_URL === '') it(name, run, timeoutMs);
    else process.stdout.write(`Left out with the log in EventStoreDB: «${name}», because ${why}.\n`);
  };
}
