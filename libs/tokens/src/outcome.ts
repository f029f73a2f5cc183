import type { Position } from '#libs/event-log';

/** What a command answers. */
export interface Outcome<T> {
  readonly body: T;
  /** A read model that has come so far shows what `body` says. */
  readonly position: Position;
}
