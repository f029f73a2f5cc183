import { createHash } from 'node:crypto';
import { refuse } from '#libs/contracts';
import { canonicalJson, type Json } from '#libs/kernel';

const BASE64URL = /^[A-Za-z0-9_-]{2,2048}$/;
const HALF_SURROGATE = /\p{Surrogate}/u;

/** Where a list goes on: the sort values of the last entry, opaque on the wire. */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values), 'utf8').toString('base64url');
}

/** The values that encodeCursor was given, exactly `length` of them. Refuses everything else with `invalid_cursor`. */
export function decodeCursor(cursor: string, length: number): string[] {
  const values = BASE64URL.test(cursor) ? parseJson(Buffer.from(cursor, 'base64url').toString('utf8')) : null;
  if (!Array.isArray(values) || values.length !== length || !values.every(isStorable)) throw refuse('invalid_cursor');
  // Base64 has several spellings of one value, and JSON too: only the one that was handed out is taken back.
  if (encodeCursor(values) !== cursor) throw refuse('invalid_cursor');
  return values;
}

/** Stands for filters and order, so that a cursor of another list is told apart instead of being followed anywhere. */
export function listIdOf(filters: { readonly [name: string]: Json | undefined }): string {
  return createHash('sha256').update(canonicalJson(filters)).digest('base64url').slice(0, 8);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isStorable(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\u0000') && !HALF_SURROGATE.test(value);
}
