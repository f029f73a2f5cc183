import type { SelectQueryBuilder } from 'typeorm';
import { refuse, refuseField } from '#libs/contracts';
import { DAY_MS, parseDurationMs, toInstant } from '#libs/kernel';
import { holdsTokenString } from '../domain/token-string.js';
import type { TokenStatus } from '../domain/token.js';
import { LIVE } from '../read-model/live.js';
import type { TokenEntity } from '../read-model/token.entity.js';
import type { ListTokensQuery } from './list-tokens.dto.js';

const WITHIN_MS_MAX = 3_650 * DAY_MS;
const IS_LIVE_NOW = `(token.expires_at IS NULL OR token.expires_at > :now)`;

/** The status by the clock, as `statusAt` has it. */
const STATUS: Readonly<Record<TokenStatus, string>> = {
  revoked: `token.status = 'revoked'`,
  expired: `(token.status = 'expired' OR (${LIVE} AND token.expires_at <= :now))`,
  disabled: `token.status = 'disabled' AND ${IS_LIVE_NOW}`,
  active: `token.status = 'active' AND ${IS_LIVE_NOW}`,
};

/**
 * Narrows the query down to what the filters select at an instant (epoch ms).
 * Refuses `validation_failed` for a duration that is none, `secret_in_request` for a whole token in `q`.
 */
export function selectTokens(query: SelectQueryBuilder<TokenEntity>, filter: ListTokensQuery, at: number): void {
  const { owner, type, status, unused, expiringWithin, q } = filter;
  query.setParameter('now', toInstant(at));
  if (owner !== undefined) query.andWhere('token.owner_uid = :owner', { owner });
  if (type !== undefined) query.andWhere('token.type = :type', { type });
  if (status !== undefined) query.andWhere(STATUS[status]);
  if (unused !== undefined) query.andWhere(`token.unused_since IS ${unused === 'true' ? 'NOT NULL' : 'NULL'}`);
  if (expiringWithin !== undefined) {
    const until = toInstant(at + withinMs(expiringWithin));
    query.andWhere(LIVE).andWhere('token.expires_at > :now AND token.expires_at <= :until', { until });
  }
  if (q !== undefined) search(query, q.trim());
}

function search(query: SelectQueryBuilder<TokenEntity>, text: string): void {
  if (holdsTokenString(text)) throw refuse('secret_in_request');
  if (text !== '') query.andWhere('token.search LIKE :pattern', { pattern: `%${escaped(text.toLowerCase())}%` });
}

/** Not `position`, which no index serves; so what means something to LIKE must mean itself. */
function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function withinMs(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === null || durationMs > WITHIN_MS_MAX) {
    throw refuseField('expiringWithin', 'must be a duration such as 24h or 14d, at most 3650d');
  }
  return durationMs;
}
