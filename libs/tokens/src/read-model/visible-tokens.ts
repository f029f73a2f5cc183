import type { DataSource, SelectQueryBuilder } from 'typeorm';
import { hasInstanceRole, type Principal } from '#libs/contracts';
import { seesEveryToken } from '../domain/token-access.js';
import { TokenEntity } from './token.entity.js';

/** The tokens that the caller may know of, by the rule of `seesToken`. Rows are named `token`. */
export function visibleTokens(dataSource: DataSource, principal: Principal): SelectQueryBuilder<TokenEntity> {
  const query = dataSource.getRepository(TokenEntity).createQueryBuilder('token');
  if (hasInstanceRole(principal, 'admin')) return query;
  query.where(`token.type <> 'admin' AND token.owner_type <> 'installation'`);
  if (seesEveryToken(principal)) return query;
  // Uids of users and organizations never look alike, so one condition serves both, and with it the index on owners.
  const owners = [...principal.memberships.keys()];
  if (principal.userUid !== null) owners.push(principal.userUid);
  return query.andWhere('token.owner_uid = ANY(:owners)', { owners });
}
