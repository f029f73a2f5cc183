import { type ErrorCode, type LedgerSettings, refuse, refuseField } from '#libs/contracts';
import { DAY_MS, type LedgerError, parseDurationMs, toInstant, parseInstant } from '#libs/kernel';

const DEFAULT_DAYS = 90;

/** What a caller says of the expiry; at most one of the first two. */
export interface ExpiryWish {
  /** A duration (`7d`, `24h`, `1w`) from now on, or `never`. */
  readonly expiresIn?: string | undefined;
  /** An RFC 3339 instant, or a date. */
  readonly expiresAt?: string | undefined;
  /** Why the token need not expire; goes with `never`, and only with it. */
  readonly neverReason?: string | undefined;
}

export interface Expiry {
  /** RFC 3339 UTC; null: never. */
  readonly expiresAt: string | null;
  readonly neverReason: string | null;
}

type Bounds = Pick<LedgerSettings, 'maxLifetimeDays' | 'neverExpires'>;

/**
 * The expiry that is asked for at `at` (epoch ms), 90 days when nothing is. Refuses `validation_failed`,
 * `never_not_allowed`, `expiry_in_past` and `expiry_too_long`, naming the field.
 */
export function resolveExpiry(wish: ExpiryWish, settings: Bounds, at: number): Expiry {
  const { expiresIn, expiresAt } = wish;
  if (expiresIn !== undefined && expiresAt !== undefined) {
    throw refuseField('expiresAt', 'cannot be given together with expiresIn');
  }
  if (expiresIn === 'never') return never(wish.neverReason, settings);
  if (wish.neverReason !== undefined) throw refuseField('neverReason', 'goes with expiresIn `never` only');
  if (expiresIn !== undefined) return after(durationOf(expiresIn), { settings, at });
  if (expiresAt !== undefined) return on(expiresAt, settings, at);
  return after(Math.min(DEFAULT_DAYS, settings.maxLifetimeDays) * DAY_MS, { settings, at });
}

/** True when the wish says anything. */
export function wishesExpiry(wish: ExpiryWish): boolean {
  return wish.expiresIn !== undefined || wish.expiresAt !== undefined || wish.neverReason !== undefined;
}

function never(reason: string | undefined, { neverExpires }: Bounds): Expiry {
  if (neverExpires !== 'with_reason') throw refuse('never_not_allowed');
  if (reason === undefined || reason.trim() === '') {
    throw refuseField('neverReason', 'is required for a token that never expires');
  }
  return { expiresAt: null, neverReason: reason };
}

function durationOf(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === null) throw refuseField('expiresIn', 'must be a duration such as 24h, 7d or 1w, or `never`');
  return durationMs;
}

function after(durationMs: number, { settings, at }: { settings: Bounds; at: number }): Expiry {
  if (durationMs > settings.maxLifetimeDays * DAY_MS) throw tooLong('expiresIn', settings);
  return { expiresAt: toInstant(at + durationMs), neverReason: null };
}

function on(text: string, settings: Bounds, at: number): Expiry {
  const epochMs = parseInstant(text);
  if (epochMs === null) throw refuseField('expiresAt', 'must be an RFC 3339 instant or a date');
  if (epochMs <= at) throw refuseField('expiresAt', 'must lie in the future', 'expiry_in_past');
  if (epochMs > at + settings.maxLifetimeDays * DAY_MS) throw tooLong('expiresAt', settings);
  return { expiresAt: toInstant(epochMs), neverReason: null };
}

function tooLong(field: string, { maxLifetimeDays }: Bounds): LedgerError<ErrorCode> {
  return refuseField(field, `must be at most ${maxLifetimeDays} days from now`, 'expiry_too_long');
}
