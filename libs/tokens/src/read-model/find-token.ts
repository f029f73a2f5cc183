import type { DataSource } from 'typeorm';
import { type Principal, refuse } from '#libs/contracts';
import { isUid } from '#libs/kernel';
import type { TokenEntity } from './token.entity.js';
import { visibleTokens } from './visible-tokens.js';

/** The row of a token. Refuses `not_found`, alike where there is none and where the caller may not know of it. */
export async function findToken(dataSource: DataSource, principal: Principal, uid: string): Promise<TokenEntity> {
  const query = visibleTokens(dataSource, principal).andWhere('token.uid = :uid', { uid });
  const row = isUid(uid, 'tok') ? await query.getOne() : null;
  if (row === null) throw refuse('not_found');
  return row;
}
