import type { EventMetadata, EventType, Fact } from '#libs/contracts';

/** What a fold reads of an event: a recorded event, a new one and a bare fact all fit. */
export interface FoldedEvent {
  readonly type: EventType;
  readonly data: Fact['data'];
  readonly metadata?: EventMetadata;
}

/** The event as a union that can be told apart by its type; type and data of every event belong together. */
export function factOf(event: FoldedEvent): Fact {
  return event as Fact;
}

/** Instant of the command, RFC 3339; null for a bare fact, which does not know when it happened. */
export function occurredAtOf(event: FoldedEvent): string | null {
  return event.metadata?.['occurredAt'] ?? null;
}
