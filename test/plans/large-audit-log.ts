import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { EVENT_CONTRACTS, type NewEvent } from '#libs/contracts';
import type { EventLog } from '#libs/event-log';

/** Rare events, of each of which the audit log keeps a row, and uses, between which they stand. */
export const RARE = 60_000;
const USES = 60_000;
export const HISTORY_BEGINS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const EVENTS_A_REQUEST = 500;

const numbered = (prefix: string, number: number): string => `${prefix}_${String(number).padStart(26, '0')}`;

/** In each of these columns few of all rows have this value, and all others have other ones. */
export const SOUGHT = {
  actor: numbered('usr', 77),
  token: numbered('tok', 77),
  organization: numbered('org', 77),
  ip: '203.0.113.77',
  target: numbered('job', 77),
  request: 'req-77',
  correlation: 'cor-77',
  /** Positions go up with time, a minute for each pair of a rare event and a use: 41 days. */
  days: (number: number) => new Date(HISTORY_BEGINS + number * 24 * 60 * MINUTE_MS).toISOString(),
} as const;

function metadataOf(number: number): NewEvent['metadata'] {
  return {
    occurredAt: new Date(HISTORY_BEGINS + number * MINUTE_MS).toISOString(),
    actorType: 'user',
    actorUid: numbered('usr', number % 3_000),
    ip: `203.0.${number % 200}.${number % 251}`,
    userAgent: number % 3_000 === 5 ? 'Harbor/2.1' : `curl/8.${number % 9}`,
    requestId: `req-${number}`,
    $correlationId: `cor-${number}`,
  };
}

function usedBy(number: number): NewEvent {
  const { example } = EVENT_CONTRACTS.TokenUsed;
  const tokenUid = numbered('tok', number % 5_000);
  const data = { ...(example as object), tokenUid, ip: `203.0.113.${number % 200}` } as NewEvent['data'];
  return { id: randomUUID(), type: 'TokenUsed', data, metadata: metadataOf(number) };
}

const requested = (number: number): NewEvent => ({
  id: randomUUID(),
  type: 'JobRequested',
  data: { job: 'plans' },
  metadata: metadataOf(number),
});

/** Appends rare events and uses by turns. The read models follow by themselves. */
export async function appendHistory(log: EventLog): Promise<void> {
  const events: NewEvent[][] = [];
  for (let from = 0; from < Math.max(RARE, USES); from += EVENTS_A_REQUEST) {
    const numbers = Array.from({ length: EVENTS_A_REQUEST }, (_, index) => from + index);
    events.push(numbers.map(requested), numbers.map(usedBy));
  }
  await Promise.all(
    events.map((ofRequest, index) =>
      log.append({
        streams: [{ stream: index % 2 === 0 ? 'system' : 'usage-plans-1', expected: 'any', events: ofRequest }],
      }),
    ),
  );
}

/** Gives the rows of those events what other rare events have, which would need tokens and organizations to be made. */
export async function spreadRows(client: pg.Client): Promise<void> {
  await client.query(`
    UPDATE read_model.audit_entries SET
      action = CASE WHEN position % 4000 = 1 THEN 'TokenRevoked' WHEN position % 3 = 0 THEN 'TokenCreated' ELSE action END,
      token_uid = 'tok_' || lpad((position % 5000)::text, 26, '0'),
      organization_uid = 'org_' || lpad((position % 900)::text, 26, '0'),
      owner_uid = 'usr_' || lpad((position % 3000)::text, 26, '0'),
      target_uid = 'job_' || lpad((position % 9000)::text, 26, '0'),
      ip = '203.0.113.' || (position % 251),
      reason = CASE WHEN position % 5000 = 3 THEN 'leaked in a repository' ELSE 'rotation ' || position % 100 END
    WHERE action = 'JobRequested'`);
  await client.query('VACUUM ANALYZE');
}
