import { EVENT_CONTRACTS, type EventType, type Fact } from '#libs/contracts';
import { formatPosition, type RecordedEvent } from '#libs/event-log';
import { fromInstant, type Json, timeOrdered26 } from '#libs/kernel';
import { rowsProjection } from '#libs/projections';
import { subjectOf } from '../domain/subject-of.js';

/** One row of `read_model.audit_entries`. */
export interface AuditEntryColumns {
  readonly [column: string]: string | null | Json;
  readonly position: string;
  readonly entry_uid: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly action: string;
  readonly outcome: 'success' | 'denied';
  readonly actor_type: string;
  readonly actor_uid: string;
  readonly target_type: string | null;
  readonly target_uid: string | null;
  readonly token_uid: string | null;
  readonly organization_uid: string | null;
  readonly owner_uid: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  readonly correlation_id: string | null;
  readonly reason: string | null;
  readonly changes: Json | null;
}

/** Bookkeeping that stands in one request with the fact that a reviewer wants to see; an entry of its own says nothing more. */
const BOOKKEEPING: readonly EventType[] = ['HandleTaken', 'TokenSlotTaken', 'TokenSlotReleased'];

const AUDITED = (Object.keys(EVENT_CONTRACTS) as EventType[]).filter((type) => !BOOKKEEPING.includes(type));

/** The audit log: an entry for each event, uses and refused uses included. */
export const auditEntriesProjection = rowsProjection<AuditEntryColumns, EventType>({
  name: 'audit-entries',
  table: {
    name: 'audit_entries',
    key: ['position'],
    columns: {
      position: 'bigint',
      entry_uid: 'text',
      occurred_at: 'timestamptz',
      recorded_at: 'timestamptz',
      action: 'text',
      outcome: 'text',
      actor_type: 'text',
      actor_uid: 'text',
      target_type: 'text',
      target_uid: 'text',
      token_uid: 'text',
      organization_uid: 'text',
      owner_uid: 'text',
      ip: 'text',
      user_agent: 'text',
      request_id: 'text',
      correlation_id: 'text',
      reason: 'text',
      changes: 'jsonb',
    },
  },
  handles: AUDITED,
  partitionOf: (event) => event.stream,
  rows: (event) => [entryOf(event)],
});

function entryOf(event: RecordedEvent): AuditEntryColumns {
  const { metadata } = event;
  const subject = subjectOf(event as unknown as Fact);
  const occurredAt = metadata['occurredAt'] ?? event.recordedAt;
  return {
    position: formatPosition(event.position),
    entry_uid: entryUidOf(event.id, occurredAt),
    occurred_at: occurredAt,
    recorded_at: event.recordedAt,
    action: event.type,
    outcome: event.type === 'TokenUseDenied' ? 'denied' : 'success',
    actor_type: metadata['actorType'] ?? 'system',
    actor_uid: metadata['actorUid'] ?? 'system',
    target_type: subject.target?.type ?? null,
    target_uid: subject.target?.uid ?? null,
    token_uid: subject.tokenUid,
    organization_uid: subject.organization,
    owner_uid: subject.ownerUid,
    ip: subject.ip ?? metadata['ip'] ?? null,
    user_agent: subject.userAgent ?? metadata['userAgent'] ?? null,
    request_id: metadata['requestId'] ?? null,
    correlation_id: metadata['$correlationId'] ?? null,
    reason: subject.reason,
    changes: subject.changes,
  };
}

/** Public id of an entry: the instant and 80 bits of the event's id. */
function entryUidOf(eventId: string, occurredAt: string): string {
  const random = Buffer.from(eventId.replaceAll('-', ''), 'hex');
  return `evt_${timeOrdered26(fromInstant(occurredAt), random)}`;
}
