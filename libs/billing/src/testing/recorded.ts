import { type Position, type RecordedEvent } from '#libs/event-log';
import { toInstant, uuidFrom } from '#libs/kernel';
import type { AccountFact } from '../domain/index.js';
import type { Step } from './account-history.js';

/** The facts of an account's history, as the log would give them back. */
export function recordedEvents(steps: readonly Step[]): RecordedEvent[] {
  const facts = steps.flatMap(({ facts: made, at }) => made.map((fact) => ({ fact, at })));
  return facts.map(({ fact, at }, index) => recordedEvent(fact, index, at));
}

function recordedEvent({ type, data }: AccountFact, revision: number, at: number): RecordedEvent {
  return {
    id: uuidFrom(data.accountUid, String(revision)),
    type,
    data,
    metadata: { occurredAt: toInstant(at), $correlationId: 'request', actorType: 'system', actorUid: 'test' },
    stream: `account-${data.accountUid}`,
    revision: BigInt(revision),
    position: BigInt(revision * 2 + 1) as Position,
    recordedAt: toInstant(at + 5),
  };
}
