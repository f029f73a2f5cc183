import type { EventMetadata, EventType, Fact } from '#libs/contracts';
import type { Json } from '#libs/kernel';
import { type Subject, subjectOf } from './subject-of.js';

/** What an entry is made of; a recorded event is one. */
export interface AuditedEvent {
  readonly type: EventType;
  readonly data: Fact['data'];
  readonly metadata: EventMetadata;
  /** Instant of the append, RFC 3339. */
  readonly recordedAt: string;
}

/** What filters ask of an entry, and what it shows of its event. */
export interface EntryTraits {
  /** RFC 3339. */
  readonly occurredAt: string;
  readonly action: EventType;
  readonly outcome: 'success' | 'denied';
  readonly actorType: string;
  readonly actorUid: string;
  readonly target: Subject['target'];
  readonly tokenUid: string | null;
  readonly tokenPrefix: Subject['tokenPrefix'];
  readonly organization: string | null;
  readonly ownerUid: string | null;
  /** As it was recorded: not always an address. */
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly correlationId: string | null;
  readonly reason: string | null;
  /** As they were recorded; `shownChanges` gives them their shape. */
  readonly changes: Json | null;
}

/** When an event occurred, RFC 3339. */
export function occurredAtOf({ metadata, recordedAt }: AuditedEvent): string {
  return metadata['occurredAt'] ?? recordedAt;
}

/** The traits of an event. Pure: whoever reads them, when it is recorded or when it is listed, sees the same. */
export function traitsOf(event: AuditedEvent): EntryTraits {
  const { metadata, type } = event;
  const subject = subjectOf(event as unknown as Fact);
  return {
    occurredAt: occurredAtOf(event),
    action: type,
    outcome: type === 'TokenUseDenied' ? 'denied' : 'success',
    actorType: metadata['actorType'] ?? 'system',
    actorUid: metadata['actorUid'] ?? 'system',
    target: subject.target,
    tokenUid: subject.tokenUid,
    tokenPrefix: subject.tokenPrefix,
    organization: subject.organization,
    ownerUid: subject.ownerUid,
    ip: subject.ip ?? metadata['ip'] ?? null,
    userAgent: subject.userAgent ?? metadata['userAgent'] ?? null,
    requestId: metadata['requestId'] ?? null,
    correlationId: metadata['$correlationId'] ?? null,
    reason: subject.reason,
    changes: subject.changes,
  };
}
