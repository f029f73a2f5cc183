export type EntryOrder = 'asc' | 'desc';

export interface EntryConditions {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly token?: string | undefined;
  readonly organization?: string | undefined;
  readonly ip?: string | undefined;
  readonly outcome?: string | undefined;
  /** Instants; `from` inclusive, `to` exclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly q?: string | undefined;
  readonly order: EntryOrder;
}

/** Entries of positions from one to another, both inclusive. */
export interface EntryRange {
  readonly from: bigint;
  readonly to: bigint;
}
