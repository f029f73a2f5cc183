import { refuseField } from '#libs/contracts';
import { parseInstant, toInstant } from '#libs/kernel';
import type { EntryConditions } from './entry-conditions.js';
import type { EntryFilter } from './entry-filter.dto.js';

/** The filter as conditions, its instants in UTC. */
export function conditionsOf(filter: Omit<EntryFilter, 'limit' | 'cursor'>): EntryConditions {
  const { actor, action, token, organization, ip, outcome, q } = filter;
  const [from, to] = [instantOf('from', filter.from), instantOf('to', filter.to)];
  return { actor, action, token, organization, ip, outcome, q, from, to, order: filter.order ?? 'desc' };
}

function instantOf(field: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const epochMs = parseInstant(text);
  if (epochMs === null) throw refuseField(field, 'must be an instant as 2026-11-25T08:00:00Z, or a date');
  return toInstant(epochMs);
}
