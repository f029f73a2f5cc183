import type { EntryTraits } from '../domain/index.js';
import { type AuditScope, HIDDEN_OWNER } from './audit-scope.js';
import type { EntryConditions } from './entry-conditions.js';

/** An entry of a common event, before it is known whether it is wanted. */
export interface Candidate extends EntryTraits {
  /** Its uid; made only when somebody asks. */
  entryUid(): string;
}

/** True when the scope shows the entry and all conditions select it: what `RareEntries` says in SQL, for one event. */
export function matches(entry: Candidate, scope: AuditScope, conditions: EntryConditions): boolean {
  return (
    isShown(entry, scope, conditions.token !== undefined) &&
    isSelected(entry, conditions) &&
    isFound(entry, conditions.q)
  );
}

function isShown(entry: Candidate, scope: AuditScope, byToken: boolean): boolean {
  const { actorUid, ownerUid, organization } = entry;
  if (scope.kind === 'all') return true;
  if (ownerUid === HIDDEN_OWNER) return false;
  if (scope.kind === 'auditor') return true;
  if (scope.kind === 'own') return (byToken ? ownerUid : actorUid) === scope.userUid;
  if (organization !== null && scope.uids.includes(organization)) return true;
  return scope.userUid !== null && (actorUid === scope.userUid || ownerUid === scope.userUid);
}

function isSelected(entry: Candidate, conditions: EntryConditions): boolean {
  const { actor, action, token, organization, ip, outcome, from, to } = conditions;
  return (
    (actor === undefined || entry.actorUid === actor) &&
    (action === undefined || entry.action === action) &&
    (token === undefined || entry.tokenUid === token) &&
    (organization === undefined || entry.organization === organization) &&
    (ip === undefined || entry.ip === ip) &&
    (outcome === undefined || entry.outcome === outcome) &&
    // All of them are RFC 3339 in UTC with milliseconds, so they sort as text.
    (from === undefined || entry.occurredAt >= from) &&
    (to === undefined || entry.occurredAt < to)
  );
}

function isFound(entry: Candidate, q: string | undefined): boolean {
  if (q === undefined || q === '') return true;
  const text = q.toLowerCase();
  return (
    entry.reason?.toLowerCase().includes(text) === true ||
    entry.userAgent?.toLowerCase().includes(text) === true ||
    entry.target?.uid === q ||
    entry.requestId === q ||
    entry.correlationId === q ||
    entry.entryUid() === q
  );
}
