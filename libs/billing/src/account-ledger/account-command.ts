import {
  type CommandContext,
  type EventMetadata,
  eventMetadataOf,
  type EventType,
  type NewEvent,
} from '#libs/contracts';
import { comparePositions, type Position, type RevisionConflict } from '#libs/event-log';
import type { AccountFact } from '../domain/index.js';
import type { NextAppend } from './append-batch.js';
import type { AccountView } from './live-account.js';

/** What happens to an account. */
export interface AccountDecision {
  /** In order; none: nothing changes. A retry under the same key is answered with the last one. */
  readonly facts: readonly AccountFact[];
  /** Stored in one commit with them. */
  readonly also?: readonly NextAppend[];
}

/** A command on one account. */
export interface AccountCommand {
  readonly accountUid: string;
  readonly context: CommandContext;
  /**
   * Decides, without waiting for anything; throws `refuse(…)`. Called again on a newer state when another node was
   * faster, so ids are drawn before. `conflict`: what the append of the last call failed with; null at first.
   */
  decide(account: AccountView, conflict: RevisionConflict | null): AccountDecision;
  /**
   * Position of the last security event that the command rests on: it is stored only while no other follows, and fails
   * with SecurityMoved otherwise, with nothing stored.
   */
  readonly securityAt?: Position;
  /** The refusal when the account cannot be confirmed; `not_ready` (or `conflict` after lost races) when absent. */
  readonly unavailable?: 'verification_unavailable';
}

export interface AccountOutcome {
  /** The last fact of the decision; null when nothing changed. */
  readonly fact: AccountFact | null;
  /** Where the log stands with it; null when nothing changed. */
  readonly position: Position | null;
  /** True when the fact was recorded before, under the same key. */
  readonly replayed: boolean;
}

/** What is kept of a command from one try to the next. */
export class CommandRun {
  conflict: RevisionConflict | null = null;
  /** The table of entries, asked for the key of this command, held everything up to here. */
  private covered: Position | null = null;
  private eventId: string | null = null;
  private metadata: EventMetadata | null = null;
  private type: EventType | null = null;

  constructor(readonly command: AccountCommand) {}

  cover(position: Position): void {
    this.covered = position;
  }

  /** True when the key is not in the table as of `since`. */
  isCovered(since: Position): boolean {
    return this.covered !== null && comparePositions(this.covered, since) >= 0;
  }

  /** The events of the decision's facts. The last one has the same id in every try. */
  eventsOf(facts: readonly AccountFact[]): NewEvent[] {
    const { ids } = this.command.context;
    this.eventId ??= ids.uuid();
    const events: NewEvent[] = [];
    for (let index = 0; index < facts.length; index += 1) {
      const { type, data, private: hidden } = facts[index] as AccountFact;
      const id = index === facts.length - 1 ? this.eventId : ids.uuid();
      const event = { id, type, data, metadata: this.metadataFor(type) };
      events.push(hidden === undefined ? event : { ...event, private: hidden });
    }
    return events;
  }

  private metadataFor(type: EventType): EventMetadata {
    if (this.metadata === null || this.type !== type) {
      this.type = type;
      this.metadata = eventMetadataOf(this.command.context, type);
    }
    return this.metadata;
  }
}
