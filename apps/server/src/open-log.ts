import type { Settings } from '#libs/config';
import { type EventLog, EventStoreEventLog, PostgresEventLog, type PostgresEventLogOptions } from '#libs/event-log';
import { requireUsable } from './unusable-service.js';

/** How late a revocation may take effect on another node: at once, or across a change of the log's leader by a lease. */
export interface RevocationBound {
  readonly mode: 'strict' | 'leased';
  readonly boundMs: number;
}

export interface OpenedLog {
  readonly log: EventLog;
  readonly revocation: RevocationBound;
}

/** What says where the log is. */
export type LogSettings = Pick<Settings, 'eventStoreUrl' | 'eventStorePrefix' | 'eventStoreLeaseMs'>;

/**
 * The log of EventStoreDB where one is named, else that of the PostgreSQL which holds the read models. Throws
 * UnusableService for an EventStoreDB that is not there.
 */
export async function openLog(settings: LogSettings, postgres: PostgresEventLogOptions): Promise<OpenedLog> {
  const { eventStoreUrl } = settings;
  if (eventStoreUrl === null) {
    return { log: await PostgresEventLog.open(postgres), revocation: { mode: 'strict', boundMs: 0 } };
  }
  const { clock, activity } = postgres;
  const place = placeInEventStore(settings);
  const service = { setting: 'EVENT_STORE_URL', kind: 'EventStoreDB', url: eventStoreUrl } as const;
  const log = await requireUsable(service, () =>
    EventStoreEventLog.open({ connectionString: eventStoreUrl, clock, ...place, ...(activity ? { activity } : {}) }),
  );
  return { log, revocation: { mode: 'leased', boundMs: place.leaseMs } };
}

/** Which streams of an EventStoreDB are the ledger's, and how long its leader is believed. */
export function placeInEventStore(settings: Pick<LogSettings, 'eventStorePrefix' | 'eventStoreLeaseMs'>) {
  const { eventStorePrefix, eventStoreLeaseMs: leaseMs } = settings;
  return { prefix: eventStorePrefix === null ? '' : `${eventStorePrefix}.`, leaseMs };
}
