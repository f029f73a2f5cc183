import { refuseField } from '#libs/contracts';
import { DAY_MS, HOUR_MS, parseInstant } from '#libs/kernel';

export interface UsageRange {
  /** Epoch ms, inclusive; the beginning of an hour or day. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly to: number;
}

/** As many rows as one answer may hold: usage is kept for 400 days. */
const SPAN_MS = { hour: { usual: DAY_MS, max: 40 * DAY_MS }, day: { usual: 30 * DAY_MS, max: 800 * DAY_MS } };

/**
 * The time that is asked for, at `at` (epoch ms): up to now, and a day of hours or 30 days, where nothing is said.
 * Refuses `validation_failed`: not an instant, the end before the beginning, or more hours than one answer holds.
 */
export function usageRange(
  wish: { readonly from?: string | undefined; readonly to?: string | undefined; readonly by: 'hour' | 'day' },
  at: number,
): UsageRange {
  const stretchMs = wish.by === 'hour' ? HOUR_MS : DAY_MS;
  const { usual, max } = SPAN_MS[wish.by];
  const to = wish.to === undefined ? at + 1 : instantOf('to', wish.to);
  const asked = wish.from === undefined ? to - usual : instantOf('from', wish.from);
  if (asked >= to) throw refuseField('from', 'must lie before `to`');
  if (to - asked > max) throw refuseField('from', `must lie at most ${max / DAY_MS} days before \`to\` by ${wish.by}`);
  return { from: Math.floor(asked / stretchMs) * stretchMs, to };
}

function instantOf(field: string, text: string): number {
  const epochMs = parseInstant(text);
  if (epochMs === null) throw refuseField(field, 'must be an RFC 3339 instant or a date');
  return epochMs;
}
