import { setTimeout as pause } from 'node:timers/promises';
import { type Position, START } from '#libs/event-log';
import { type LogEvent, logEventOf } from '../chaos/checker/log-event.js';
import type { Cluster } from './cluster.js';

const BETWEEN_MS = 1_000;
/** The job leaves charges of the last half minute to who made them, and runs every half minute. */
const DONE_WITHIN_MS = 150_000;

/**
 * Where a charge and its use cannot be stored in one commit, an api that was killed between the two leaves the use to the
 * job `complete-uses`. Waits until each charge of a use has it, or the job has had its time: the checker tells then.
 */
export async function untilUsesComplete(cluster: Cluster): Promise<void> {
  const log = await cluster.openLog();
  try {
    if (!log.mayPartRequests) return;
    const until = performance.now() + DONE_WITHIN_MS;
    const lacking = new Set<string>();
    for (let after: Position = START; ;) {
      const { events, next } = await log.readAll({ after, limit: 1_000 });
      for (const event of events) note(logEventOf(event), lacking);
      after = next;
      if (events.length > 0) continue;
      if (lacking.size === 0 || performance.now() > until) return;
      await pause(BETWEEN_MS);
    }
  } finally {
    await log.close();
  }
}

/** A charge stands before its use. */
function note({ type, data }: LogEvent, lacking: Set<string>): void {
  if ((type === 'OrgCharged' || type === 'UserCharged') && data['useId'] !== null) lacking.add(data['useId']);
  if (type === 'TokenUsed') lacking.delete(data['useId']);
}
