import { toInstant } from './clock.js';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** 9999-12-31T23:59:59.999Z: beyond it, RFC 3339 has no way to write an instant; an offset may lead there. */
const LAST_MS = 253_402_300_799_999;

/**
 * Epoch milliseconds of an RFC 3339 instant, or of a bare date, which is its 00:00:00Z whatever the machine's zone: a
 * date must mean the same instant to everybody. Null when it is neither, or lies before 1970.
 */
export function parseInstant(text: string): number | null {
  const date = DATE.exec(text) ?? INSTANT.exec(text);
  if (date === null || !isDay(`${date[1]}-${date[2]}-${date[3]}`)) return null;
  const epochMs = Date.parse(text.toUpperCase());
  return epochMs >= 0 && epochMs <= LAST_MS ? epochMs : null;
}

/** Days that no month has are moved to the next one by Date.parse, so the way back tells. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  return !Number.isNaN(midnight) && toInstant(midnight).startsWith(date);
}
