import { COMMON_TYPES, refusalTermOf, termOf } from '../domain/index.js';
import type { AuditScope } from './audit-scope.js';
import type { EntryConditions } from './entry-conditions.js';

/** Terms of which a block must have one. */
export type TermGroup = readonly number[];

/** What blocks must have to hold an entry that is wanted; a block that has it may still hold none. Null: there is none. */
export function termGroups(scope: AuditScope, conditions: EntryConditions): readonly TermGroup[] | null {
  const { actor, token, organization, ip } = conditions;
  const actions = actionsOf(conditions);
  if (actions.length === 0) return null;
  const texts: (readonly string[])[] = [];
  for (const text of [token, actor, ip, organization]) if (text !== undefined) texts.push([text]);
  const shown = shownTo(scope);
  if (shown !== null) texts.push(shown);
  // Refused uses have terms of their own.
  if (texts.length > 0 && actions.join() === 'TokenUseDenied') return texts.map((group) => group.map(refusalTermOf));
  const groups = texts.map((group) => group.map(termOf));
  // Where nothing else narrows, the types tell the blocks in which there is anything at all.
  if (groups.length === 0 || actions.length < COMMON_TYPES.length) groups.push(actions.map(termOf));
  return groups;
}

/** Types of common events that the conditions can select. */
function actionsOf({ action, outcome }: EntryConditions): string[] {
  return COMMON_TYPES.filter(
    (type) =>
      (action === undefined || action === type) &&
      (outcome === undefined || outcome === (type === 'TokenUseDenied' ? 'denied' : 'success')),
  );
}

/** Of whom a block must hold something, so that the scope shows it; null: it shows more than terms can tell. */
function shownTo(scope: AuditScope): readonly string[] | null {
  if (scope.kind === 'all' || scope.kind === 'auditor') return null;
  if (scope.kind === 'own') return [scope.userUid];
  return scope.userUid === null ? scope.uids : [...scope.uids, scope.userUid];
}
