import type { Static, TObject } from '@sinclair/typebox';

/** Everything that is said of one event type: its name, version, schema, stored example and guarantees. */
export interface EventContract<T extends string = string, S extends TObject = TObject> {
  readonly type: T;
  readonly version: number;
  readonly schema: S;
  /** One stored example, kept for ever: every build must still read it. */
  readonly example: Static<S>;
  /** Stream that holds it, as `token-<uid>`. */
  readonly stream: string;
  /** When it is written. */
  readonly writtenWhen: string;
  /** What a reader may rely on. */
  readonly guarantees: string;
}

/** Declares an event contract; the types follow from the schema. */
export function eventContract<T extends string, S extends TObject>(contract: EventContract<T, S>): EventContract<T, S> {
  return contract;
}
