import type { Json } from '#libs/kernel';

/** What a reviewer sees of one event: who did what to whom, when, from where, why. */
export interface AuditEntry {
  /** Order of entries; decimal. */
  readonly position: string;
  readonly entryUid: string;
  /** When it happened. */
  readonly time: string;
  /** When it was appended. */
  readonly recordedAt: string;
  /** The event type. */
  readonly action: string;
  readonly outcome: 'success' | 'denied';
  readonly actor: { readonly type: string; readonly uid: string };
  readonly target: { readonly type: string; readonly uid: string } | null;
  /** The beginning of the token string, by which people know a token; null where the entry is about none. */
  readonly tokenPrefix: string | null;
  readonly organization: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly correlationId: string | null;
  readonly reason: string | null;
  /** Before and after of each changed field, by its name. */
  readonly changes: Json | null;
}
