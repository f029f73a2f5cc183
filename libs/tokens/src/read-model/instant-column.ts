import type { ValueTransformer } from 'typeorm';

/** Reads a `timestamptz` as RFC 3339 text, so that an entity reads like the row that the projection writes. */
export const instantColumn: ValueTransformer = {
  from: (stored: Date | null) => stored?.toISOString() ?? null,
  to: (instant: string | null) => instant,
};
