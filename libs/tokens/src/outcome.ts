import type { Position } from '#libs/event-log';

/** What a command answers. */
export interface Outcome<T> {
  readonly body: T;
  /** Where the log stands with it; null when nothing had to change. */
  readonly position: Position | null;
}
