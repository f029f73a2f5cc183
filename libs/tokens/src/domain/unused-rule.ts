import type { LedgerSettings } from '#libs/contracts';
import { DAY_MS, fromInstant } from '#libs/kernel';

export type UnusedSettings = Pick<LedgerSettings, 'unusedAfterDays' | 'neverUsedAfterDays'>;

/** Days without use that the settings allow: fewer for a token that was never used at all. */
export function allowedIdleDays(lastUsedAt: string | null, settings: UnusedSettings): number {
  return lastUsedAt === null ? settings.neverUsedAfterDays : settings.unusedAfterDays;
}

/** True when a token has been without use for as long as the settings allow, at `at` (epoch ms). */
export function isUnused(
  use: { readonly createdAt: string; readonly lastUsedAt: string | null },
  settings: UnusedSettings,
  at: number,
): boolean {
  const idleSince = fromInstant(use.lastUsedAt ?? use.createdAt);
  return idleSince + allowedIdleDays(use.lastUsedAt, settings) * DAY_MS <= at;
}
