import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '#libs/event-log';
import { SystemClock, toInstant } from '#libs/kernel';
import type { LogEvent } from '../chaos/checker/log-event.js';
import type { Violation } from '../chaos/checker/violations.js';
import { SERVER_NAMES } from '../chaos/faults/schedule.js';
import type { Population } from '../chaos/load/population.js';
import type { Cluster } from './cluster.js';
import { followLog } from './follow-log.js';

const LIVE_MS = 1_000;
const BETWEEN_MS = 400;
const DONE_WITHIN_MS = 90_000;
const JOB = 'expire-tokens';

/** Tokens that end during the run, whose end a job records: asked for on both api at once, and run by two workers. */
export class Expiries {
  private isOver = false;
  private readonly making: Promise<void>;

  constructor(
    private readonly cluster: Cluster,
    private readonly population: Population,
  ) {
    this.making = this.make();
  }

  /** No more tokens; resolves with what the log says when each has its record, or when it is clear that one has none. */
  async finish(): Promise<{ ended: number; violations: Violation[] }> {
    this.isOver = true;
    await this.making;
    const log = await this.cluster.openLog();
    try {
      return await this.untilRecorded(log);
    } finally {
      await log.close();
    }
  }

  /** No more tokens, and nothing is looked at: the run is given up. */
  giveUp(): void {
    this.isOver = true;
  }

  private async make(): Promise<void> {
    const clock = new SystemClock();
    for (let round = 0; !this.isOver; round += 1) {
      const server = SERVER_NAMES[round % SERVER_NAMES.length]!;
      // While a server is killed it makes none; what it made without saying so stands in the log, which is what counts.
      await this.population.shortLivedToken(server, toInstant(clock.now() + LIVE_MS)).catch(() => undefined);
      await this.askForRuns();
      await pause(BETWEEN_MS);
    }
  }

  private async askForRuns(): Promise<void> {
    const runs = SERVER_NAMES.map((name) => this.population.admin(name).post(`/v1/jobs/${JOB}/run`, {}));
    await Promise.all(runs.map((run) => run.catch(() => undefined)));
  }

  private async untilRecorded(log: EventLog): Promise<{ ended: number; violations: Violation[] }> {
    const records = new ExpiryRecords();
    await followLog(log, {
      take: (event) => records.take(event),
      isDone: () => records.missing().length === 0,
      withinMs: DONE_WITHIN_MS,
      between: async () => {
        await this.askForRuns();
        await pause(BETWEEN_MS);
      },
    });
    return records.result();
  }
}

class ExpiryRecords {
  private readonly counts = new Map<string, number>();

  take({ type, data }: LogEvent): void {
    const uid = data['tokenUid'] as string;
    if (type === 'TokenCreated' && data['name'] === 'short-lived') this.counts.set(uid, 0);
    if (type === 'TokenExpired') this.counts.set(uid, (this.counts.get(uid) ?? 0) + 1);
  }

  missing(): string[] {
    return [...this.counts].filter(([, count]) => count === 0).map(([uid]) => uid);
  }

  result(): { ended: number; violations: Violation[] } {
    const wrong = [...this.counts].filter(([, count]) => count !== 1);
    const violations = wrong.map(([uid, count]) => {
      const detail = `the end of ${uid} was recorded ${count} times by ${JOB}`;
      return { kind: 'job not done once' as const, detail };
    });
    return { ended: this.counts.size, violations };
  }
}
