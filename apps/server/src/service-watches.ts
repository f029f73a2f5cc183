import type { Logger } from 'pino';
import type { Settings } from '#libs/config';
import type { EventLog } from '#libs/event-log';
import { probeRedis } from '#libs/jobs';
import { probePostgres } from '#libs/postgres';
import { ServiceWatch, type Witness } from './service-watch.js';

/** As long as a check waits for its confirmation. */
const ANSWER_WITHIN_MS = 2_000;

export interface WatchedServices {
  readonly settings: Settings;
  readonly connectionString: string;
  readonly log: EventLog;
  readonly logger: Logger;
}

/** The services that the ledger stands on. One that does two things is watched once. */
export class ServiceWatches {
  /** Read models, keys and schedules. */
  readonly postgres: ServiceWatch;
  /** The event log. */
  readonly log: ServiceWatch;
  /** The queue of jobs. */
  readonly jobs: ServiceWatch;

  constructor({ settings, connectionString, log: eventLog, logger: log }: WatchedServices) {
    const { eventStoreUrl, redisUrl } = settings;
    const askPostgres = () => probePostgres(connectionString, ANSWER_WITHIN_MS);
    this.postgres = new ServiceWatch({ name: 'PostgreSQL', probe: askPostgres, log });
    this.log =
      eventStoreUrl === null
        ? this.postgres
        : new ServiceWatch({ name: 'EventStoreDB', probe: () => eventLog.heads(), log });
    this.jobs =
      redisUrl === null
        ? this.postgres
        : new ServiceWatch({ name: 'Redis', probe: () => probeRedis(redisUrl, ANSWER_WITHIN_MS), log });
  }

  all(): ServiceWatch[] {
    return [...new Set([this.postgres, this.log, this.jobs])];
  }

  /** Something failed that needs what is stored: the log, the read models, or both. */
  suspectStore(witness: Witness): void {
    for (const watch of new Set([this.postgres, this.log])) watch.suspect(witness);
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((watch) => watch.stop()));
  }
}
