import { EVENT_CONTRACTS, type EventType } from '#libs/contracts';
import { formatPosition, type RecordedEvent } from '#libs/event-log';
import type { Json } from '#libs/kernel';
import { rowsProjection } from '#libs/projections';
import { isCommon, traitsOf } from '../domain/index.js';
import { entryUidOf } from './entry-uid-of.js';

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
  readonly token_prefix: string | null;
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

/** Of these every event is common. */
const ALWAYS_COMMON: readonly EventType[] = ['TokenUsed', 'TokenSeen', 'TokenUseDenied'];

/** Types of the events of which the audit log keeps rows, unless they are common. */
export const ROW_TYPES: readonly EventType[] = (Object.keys(EVENT_CONTRACTS) as EventType[]).filter(
  (type) => !BOOKKEEPING.includes(type) && !ALWAYS_COMMON.includes(type),
);

/** The rows of the audit log: an entry for each event that is not common; those are found by `audit-terms`. */
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
      token_prefix: 'text',
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
  handles: ROW_TYPES,
  partitionOf: (event) => event.stream,
  rows: (event) => (isCommon(event) ? [] : [entryOf(event)]),
});

function entryOf(event: RecordedEvent): AuditEntryColumns {
  const traits = traitsOf(event);
  const { target, occurredAt } = traits;
  return {
    position: formatPosition(event.position),
    entry_uid: entryUidOf(event.id, occurredAt),
    occurred_at: occurredAt,
    recorded_at: event.recordedAt,
    action: traits.action,
    outcome: traits.outcome,
    actor_type: traits.actorType,
    actor_uid: traits.actorUid,
    target_type: target?.type ?? null,
    target_uid: target?.uid ?? null,
    token_uid: traits.tokenUid,
    token_prefix: traits.tokenPrefix,
    organization_uid: traits.organization,
    owner_uid: traits.ownerUid,
    ip: traits.ip,
    user_agent: traits.userAgent,
    request_id: traits.requestId,
    correlation_id: traits.correlationId,
    reason: traits.reason,
    changes: traits.changes,
  };
}
