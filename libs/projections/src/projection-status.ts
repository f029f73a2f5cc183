import { comparePositions, type EventLog, formatPosition, type Position, START } from '#libs/event-log';
import { type Clock, fromInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { checkpoints } from './checkpoints.js';
import { deadLetters } from './dead-letters.js';
import { REBUILD_UNDER_WAY } from './rebuild-lock.js';
import { shadowName } from './shadow-table.js';
import { inTransaction } from './transaction.js';

export interface ProjectionStatus {
  readonly name: string;
  readonly position: string;
  /** Events of the log that it has not passed yet; counted up to `LAG_EVENTS_MAX`. */
  readonly lagEvents: number;
  /** Age of the first event that it has not passed yet, in seconds; 0 when there is none. */
  readonly lagSeconds: number;
  /** Events that it could not fold, or that follow such a one in their key. */
  readonly deadLetters: number;
  /** There while it is being rebuilt, in this process or another: how far the rebuild has come. */
  readonly rebuilding?: { readonly position: string };
}

interface Lag {
  readonly lagEvents: number;
  readonly lagSeconds: number;
}

/** Lag is counted no further: positions are opaque, so counting means reading. */
export const LAG_EVENTS_MAX = 10_000;

/** Where the projections stand, by the database and the log; works in any process. */
export async function readStatus(
  { pool, log, clock }: { pool: Pool; log: EventLog; clock: Clock },
  names: readonly string[],
): Promise<ProjectionStatus[]> {
  const { found, letters, underWay } = await inTransaction(pool, async (transaction) => ({
    found: await checkpoints.read(transaction, [...names, ...names.map(shadowName)]),
    letters: await deadLetters.counts(transaction, names),
    underWay: (await transaction.query(`SELECT (${REBUILD_UNDER_WAY})::text`))[0]?.[0] === 'true',
  }));
  const head = (await log.heads()).all;
  const lags = new Map<Position, Lag>();
  const statuses: ProjectionStatus[] = [];
  for (const name of names) {
    const position = found.get(name)?.position ?? START;
    const lag = lags.get(position) ?? (await lagAt(log, { position, head, nowMs: clock.now() }));
    lags.set(position, lag);
    // A rebuild that was killed leaves its checkpoint until the next start; only one under way is reported.
    const shadow = underWay ? found.get(shadowName(name)) : undefined;
    statuses.push({
      name,
      position: formatPosition(position),
      ...lag,
      deadLetters: letters.get(name) ?? 0,
      ...(shadow === undefined ? {} : { rebuilding: { position: formatPosition(shadow.position) } }),
    });
  }
  return statuses;
}

async function lagAt(log: EventLog, at: { position: Position; head: Position; nowMs: number }): Promise<Lag> {
  let after = at.position;
  let lagEvents = 0;
  let oldest: string | undefined;
  while (comparePositions(after, at.head) < 0 && lagEvents < LAG_EVENTS_MAX) {
    const { events, next } = await log.readAll({ after, limit: LAG_EVENTS_MAX - lagEvents });
    if (comparePositions(next, after) === 0) break;
    oldest ??= events[0]?.recordedAt;
    lagEvents += events.filter((event) => comparePositions(event.position, at.head) <= 0).length;
    after = next;
  }
  const lagSeconds = oldest === undefined ? 0 : Math.max(0, at.nowMs - fromInstant(oldest)) / 1000;
  return { lagEvents, lagSeconds };
}
