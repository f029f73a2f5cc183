import { refuse } from '#libs/contracts';

declare const positionBrand: unique symbol;

/** Order over the whole log. Opaque: compare with comparePositions, store with formatPosition, and nothing else. */
export type Position = bigint & { readonly [positionBrand]: true };

/** Before the first event. */
export const START = 0n as Position;

/** Negative when `a` is before `b`, zero when they are the same, positive when `a` is after `b`. */
export function comparePositions(a: Position, b: Position): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The later of two positions. */
export function laterPosition(a: Position, b: Position): Position {
  return a < b ? b : a;
}

/** How far `position` is from the start to `head`, from 0 to 1: to be shown as progress, not to be computed with. */
export function shareOfLog(position: Position, head: Position): number {
  if (position >= head) return 1;
  return Number(position) / Number(head);
}

/** The position as it stands on the wire and in checkpoints. */
export function formatPosition(position: Position): string {
  return position.toString();
}

/** Reads what formatPosition wrote; anything else is refused with `invalid_position`. */
export function parsePosition(text: string): Position {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw refuse('invalid_position');
  return BigInt(text) as Position;
}
