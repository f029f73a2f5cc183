import type { ValueTransformer } from 'typeorm';

/** Reads a `timestamptz` as the RFC 3339 text that the wire takes, so that an entity reads like its domain state. */
export const instantColumn: ValueTransformer = {
  from: (stored: Date) => stored.toISOString(),
  to: (instant: string) => instant,
};
