import type { EventData } from '#libs/contracts';

/** The new values of an event that lists its changes field by field. */
export function changedFields(changes: EventData<'UserUpdated'>['changes']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).map(([field, { after }]) => [field, after]));
}

/** Before and after of each wished field that differs from what stands; an absent wish changes nothing. */
export function changesBetween<T extends object>(
  current: T,
  wishes: { readonly [K in keyof T]?: T[K] | undefined },
): EventData<'UserUpdated'>['changes'] {
  const changes: EventData<'UserUpdated'>['changes'] = {};
  for (const [field, after] of Object.entries(wishes)) {
    const before = (current as Record<string, unknown>)[field];
    if (after !== undefined && after !== before) changes[field] = { before, after };
  }
  return changes;
}
