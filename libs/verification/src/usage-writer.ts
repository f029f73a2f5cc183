import { randomUUID } from 'node:crypto';
import { type Actor, chargedUseEventId, eventMetadataOf, type Fact, type NewEvent } from '#libs/contracts';
import { type AppendResult, type EventLog, type Position, RevisionConflict, type StreamAppend } from '#libs/event-log';
import type { Clock } from '#libs/kernel';

/** What the metadata of a usage event says besides its content. */
export interface UsageContext {
  readonly actor: Actor;
  readonly requestId: string;
}

/** An append to the usage stream of this process. */
export type UsageAppend = StreamAppend & { readonly expected: 'next' };

/**
 * Appends to the usage stream of this process, of which it is the only writer: the log assigns the revisions when a
 * flush is sent, so that appends never wait for each other. Should anything else have written to the stream, the process
 * goes on in a new one.
 */
export class UsageWriter {
  private stream: string;

  constructor(
    private readonly log: EventLog,
    private readonly nameStream: () => string,
    private readonly clock: Clock,
  ) {
    this.stream = nameStream();
  }

  /** The append of one fact, to be made alone or together with the charge of the use. */
  append(fact: Fact<'TokenUsed' | 'TokenUseDenied' | 'TokenSeen'>, context: UsageContext): UsageAppend {
    const { actor, requestId } = context;
    const told = { actor, requestId, correlationId: requestId, at: this.clock.now() };
    const metadata = eventMetadataOf(told, fact.type);
    const event: NewEvent = { id: this.idOf(fact), type: fact.type, data: fact.data, metadata };
    return { stream: this.stream, expected: 'next', events: [event] };
  }

  /** Stores one append, under `securityAt` where there is one; throws what the log throws. */
  async store(append: UsageAppend, securityAt: Position | null = null): Promise<AppendResult> {
    const rest = securityAt === null ? {} : { securityAt };
    try {
      return await this.log.append({ streams: [append], ...rest });
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      this.leave(error);
      return this.log.append({ streams: [{ ...append, stream: this.stream }], ...rest });
    }
  }

  /** Begins a new stream when the conflict is about the one in use. */
  leave(conflict: RevisionConflict): void {
    if (conflict.stream === this.stream) this.stream = this.nameStream();
  }

  /**
   * Where a charge may be stored without its use, the id follows from the use, so that nobody records it twice. Elsewhere a
   * random one costs a twelfth of that, on the path of every check.
   */
  private idOf(fact: Fact<'TokenUsed' | 'TokenUseDenied' | 'TokenSeen'>): string {
    const mayBePartedFromCharge = this.log.mayPartRequests && fact.type === 'TokenUsed' && fact.data.chargeUid !== null;
    return mayBePartedFromCharge ? chargedUseEventId(fact.data.useId) : randomUUID();
  }
}
