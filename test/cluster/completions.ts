import { setTimeout as pause } from 'node:timers/promises';
import type { LogEvent } from '../chaos/checker/log-event.js';
import type { Cluster } from './cluster.js';
import { followLog } from './follow-log.js';

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
    const lacking = new Set<string>();
    await followLog(log, {
      take: (event) => note(event, lacking),
      isDone: () => lacking.size === 0,
      withinMs: DONE_WITHIN_MS,
      between: () => pause(BETWEEN_MS),
    });
  } finally {
    await log.close();
  }
}

/** A charge stands before its use. */
function note({ type, data }: LogEvent, lacking: Set<string>): void {
  if ((type === 'OrgCharged' || type === 'UserCharged') && data['useId'] !== null) lacking.add(data['useId']);
  if (type === 'TokenUsed') lacking.delete(data['useId']);
}
