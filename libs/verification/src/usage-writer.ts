import { randomUUID } from 'node:crypto';
import { type Actor, EVENT_CONTRACTS, type Fact, type NewEvent } from '#libs/contracts';
import { type AppendResult, type EventLog, type StreamAppend } from '#libs/event-log';
import { type Clock, toInstant } from '#libs/kernel';

/** What the metadata of a usage event says besides its content. */
export interface UsageContext {
  readonly actor: Actor;
  readonly requestId: string;
}

const VERSIONS: ReadonlyMap<string, string> = new Map(
  Object.values(EVENT_CONTRACTS).map(({ type, version }) => [type, String(version)]),
);

/**
 * Appends to the usage stream of this process, of which it is the only writer: the log assigns the revisions when a
 * flush is sent, so that appends never wait for each other.
 */
export class UsageWriter {
  constructor(
    private readonly log: EventLog,
    private readonly stream: string,
    private readonly clock: Clock,
  ) {}

  /** The append of one fact, to be made alone or together with the charge of the use. */
  append(fact: Fact<'TokenUsed' | 'TokenUseDenied' | 'TokenSeen'>, context: UsageContext, id?: string): StreamAppend {
    const event: NewEvent = {
      id: id ?? randomUUID(),
      type: fact.type,
      data: fact.data,
      metadata: {
        $correlationId: context.requestId,
        actorType: context.actor.type,
        actorUid: context.actor.uid,
        occurredAt: toInstant(this.clock.now()),
        requestId: context.requestId,
        schemaVersion: VERSIONS.get(fact.type) ?? '1',
      },
    };
    return { stream: this.stream, expected: 'next', events: [event] };
  }

  /** Stores one append; throws what the log throws. */
  store(append: StreamAppend): Promise<AppendResult> {
    return this.log.append({ streams: [append] });
  }
}
