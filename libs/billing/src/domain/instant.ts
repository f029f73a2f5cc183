import { toInstant } from '#libs/kernel';

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const FOUR_DIGIT_YEAR = /^\d{4}-/;

/**
 * Epoch milliseconds of an RFC 3339 instant, or of a bare date, which is its 00:00:00Z; null when it is neither, or lies
 * in a year that an instant in UTC cannot be written with.
 */
export function parseInstant(text: string): number | null {
  const date = DATE.exec(text) ?? INSTANT.exec(text);
  if (date === null || !isDay(`${date[1]}-${date[2]}-${date[3]}`)) return null;
  const epochMs = Date.parse(text.toUpperCase());
  return Number.isNaN(epochMs) || !FOUR_DIGIT_YEAR.test(toInstant(epochMs)) ? null : epochMs;
}

/** Days that no month has are moved to the next one by Date.parse, so the way back tells. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00.000Z`);
  return !Number.isNaN(midnight) && toInstant(midnight).startsWith(date);
}
