import type { EventType, Fact } from '#libs/contracts';

/** Types of what every check leaves behind: 99 % of all events. */
export const COMMON_TYPES = ['TokenUsed', 'TokenSeen', 'TokenUseDenied', 'OrgCharged', 'UserCharged'] as const;
export type CommonType = (typeof COMMON_TYPES)[number];

const COMMON: ReadonlySet<EventType> = new Set(COMMON_TYPES);

/**
 * True for the events that are listed from the log by an index of terms, false for those of which the audit log keeps
 * a row. A charge that somebody made by a billing call is rare, and its reason is searched for.
 */
export function isCommon({ type, data }: { readonly type: EventType; readonly data: Fact['data'] }): boolean {
  return COMMON.has(type) && (data as { kind?: string }).kind !== 'direct';
}
