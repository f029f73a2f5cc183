import type { Position } from '#libs/event-log';

/** What a command of billing answers. */
export interface Outcome<T> {
  readonly body: T;
  /** A read model that has come so far shows what `body` says, also where nothing had to change. */
  readonly position: Position;
  /** True when it was done before, under the same idempotency key. */
  readonly replayed: boolean;
}

/** Headers that tell a repetition apart. */
export function replayHeaders({ replayed }: Outcome<unknown>): Readonly<Record<string, string>> {
  return replayed ? { 'idempotent-replayed': 'true' } : {};
}
