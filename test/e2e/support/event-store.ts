import { createHash } from 'node:crypto';

/** Of the EventStoreDB that the product is to run on (`npm run test:eventstore`); without it, the log is in PostgreSQL. */
export const EVENT_STORE_URL = process.env['EVENTSTORE_E2E_URL'] ?? '';

/**
 * Settings by which the ledger of a data directory finds its own part of the server that all tests share. For every
 * process of that ledger, also one with another data directory.
 */
export function eventStoreSettings(dataDir: string): Record<string, string> {
  if (EVENT_STORE_URL === '') return {};
  const prefix = `e${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  return { EVENT_STORE_URL, EVENT_STORE_PREFIX: prefix };
}
