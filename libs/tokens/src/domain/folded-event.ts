import type { EventData, EventMetadata, EventType, Fact, TokenEventType } from '#libs/contracts';
import { assert } from '#libs/kernel';

/** What a fold reads of an event: a recorded event fits, and so does a new one. */
export interface FoldedEvent {
  readonly type: EventType;
  readonly data: Fact['data'];
  readonly metadata: EventMetadata;
  /** Absent where the private part must not go, as in read models. */
  readonly private?: Readonly<Record<string, string>>;
}

/** An event of a stream `token-<uid>`, told apart by its type. */
export type TokenEvent = {
  [K in TokenEventType]: Omit<FoldedEvent, 'type' | 'data'> & { readonly type: K; readonly data: EventData<K> };
}[TokenEventType];

export const TOKEN_EVENT_TYPES = [
  'TokenCreated',
  'TokenUpdated',
  'TokenRevoked',
  'TokenDisabled',
  'TokenEnabled',
  'TokenExpired',
  'TokenFlaggedUnused',
  'TokenUnusedCleared',
] as const satisfies readonly TokenEventType[];

const TYPES: ReadonlySet<EventType> = new Set(TOKEN_EVENT_TYPES);

/** True for the events that make up one token; TokenSlotTaken and the events of uses are none. */
export function isTokenEvent<E extends FoldedEvent>(event: E): event is E & TokenEvent {
  return TYPES.has(event.type);
}

/** Instant of the command, RFC 3339. */
export function occurredAtOf({ type, metadata }: FoldedEvent): string {
  const { occurredAt } = metadata as { occurredAt?: string };
  assert(occurredAt !== undefined, `${type} knows when it occurred`);
  return occurredAt;
}
