import { factOf, type FoldedEvent } from './folded-event.js';

/** Human id of a user or an organization; both share one namespace. 1 to 63 characters. */
export const HANDLE = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The uid of who has a handle, after the event of stream `handle-<handle>`; null: it is free. */
export function evolveHolder(state: string | null, event: FoldedEvent): string | null {
  const fact = factOf(event);
  return fact.type === 'HandleTaken' ? fact.data.holder : state;
}
