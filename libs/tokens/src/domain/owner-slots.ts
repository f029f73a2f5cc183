import type { EventData } from '#libs/contracts';
import { assert, fromInstant } from '#libs/kernel';
import type { FoldedEvent } from './folded-event.js';

/** The place of one token among those of its owner. */
export interface TokenSlot {
  readonly tokenUid: string;
  readonly type: string;
  readonly handle: string;
  /** RFC 3339; null: never. The slot is free from then on, recorded or not. */
  readonly expiresAt: string | null;
}

interface SlotChange {
  readonly tokenUid: string;
  /** Null: released. */
  readonly slot: TokenSlot | null;
}

/**
 * The slots of one owner, folded from stream `owner-<uid>`. Immutable to everyone outside. A change is a link to the
 * state before it, and the map is made when it is first asked for: an owner with ten thousand tokens would otherwise
 * cost a copy of ten thousand entries for each event that is folded.
 */
export class OwnerSlots {
  static readonly none = new OwnerSlots(null, null);

  private made: ReadonlyMap<string, TokenSlot> | null = null;

  private constructor(
    private before: OwnerSlots | null,
    private readonly change: SlotChange | null,
  ) {}

  /** The slots after a change. */
  with(change: SlotChange): OwnerSlots {
    return new OwnerSlots(this, change);
  }

  /** Slots that were taken and not released, by token uid; those of expired tokens included. */
  get taken(): ReadonlyMap<string, TokenSlot> {
    this.made ??= OwnerSlots.make(this);
    // What came before is not needed any more, and would be held for as long as this state is.
    this.before = null;
    return this.made;
  }

  private static make(state: OwnerSlots): ReadonlyMap<string, TokenSlot> {
    const changes: SlotChange[] = [];
    let origin = state;
    while (origin.made === null && origin.before !== null) {
      if (origin.change !== null) changes.push(origin.change);
      origin = origin.before;
    }
    const slots = new Map(origin.made ?? []);
    for (const { tokenUid, slot } of changes.reverse()) {
      if (slot === null) slots.delete(tokenUid);
      else slots.set(tokenUid, slot);
    }
    return slots;
  }
}

/** No slot is taken. */
export const initialSlots: OwnerSlots = OwnerSlots.none;

/** The slots after an event of stream `owner-<uid>`. */
export function evolveSlots(state: OwnerSlots, event: FoldedEvent): OwnerSlots {
  if (event.type === 'TokenSlotTaken') {
    const { tokenUid, type, handle, expiresAt } = event.data as EventData<'TokenSlotTaken'>;
    return state.with({ tokenUid, slot: { tokenUid, type, handle, expiresAt } });
  }
  assert(event.type === 'TokenSlotReleased', `${event.type} is not an event of slots`);
  return state.with({ tokenUid: (event.data as EventData<'TokenSlotReleased'>).tokenUid, slot: null });
}

/** How a stream `owner-<uid>` is folded. */
export const slotsDecider = { initial: () => initialSlots, evolve: evolveSlots };

/** Slots of tokens that are neither revoked nor, by the clock (epoch ms), expired. */
export function activeSlots(state: OwnerSlots, at: number): TokenSlot[] {
  return [...state.taken.values()].filter(({ expiresAt }) => expiresAt === null || fromInstant(expiresAt) > at);
}
