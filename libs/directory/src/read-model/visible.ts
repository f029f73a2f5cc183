import type { DataSource, SelectQueryBuilder } from 'typeorm';
import type { Principal } from '#libs/contracts';
import { type DirectoryRef, parseRef } from '../domain/directory-ref.js';
import { seesEverything } from '../domain/visibility.js';
import { OrganizationEntity } from './organization.entity.js';
import { UserEntity } from './user.entity.js';

/** Found from the memberships on, which are few: asked of each user whether it is one of them, every user would be read. */
const ACQUAINTED = `entry.uid IN (SELECT CAST(:self AS text) UNION
  SELECT m.user_uid FROM read_model.memberships m WHERE m.organization_uid = ANY(:organizations))`;

/** The users that the caller may know of: itself, who shares an organization with it, or all. Rows are named `entry`. */
export function visibleUsers(dataSource: DataSource, principal: Principal): SelectQueryBuilder<UserEntity> {
  const query = dataSource.getRepository(UserEntity).createQueryBuilder('entry');
  if (seesEverything(principal)) return query;
  return query.where(ACQUAINTED, {
    self: principal.userUid,
    organizations: [...principal.memberships.keys()],
  });
}

/** The organizations that the caller may know of: its own, or all. Rows are named `entry`. */
export function visibleOrganizations(
  dataSource: DataSource,
  principal: Principal,
): SelectQueryBuilder<OrganizationEntity> {
  const query = dataSource.getRepository(OrganizationEntity).createQueryBuilder('entry');
  if (seesEverything(principal)) return query;
  return query.where('entry.uid = ANY(:organizations)', { organizations: [...principal.memberships.keys()] });
}

/** The one row that `text` names by uid or handle; null when there is none, or none among those of `query`. */
export async function findByRef<R extends UserEntity | OrganizationEntity>(
  query: SelectQueryBuilder<R>,
  text: string,
  kind: 'usr' | 'org',
): Promise<R | null> {
  const ref = parseRef(text, kind);
  return ref === null ? null : query.andWhere(condition(ref), ref).getOne();
}

function condition(ref: DirectoryRef): string {
  return 'uid' in ref ? 'entry.uid = :uid' : 'entry.handle = :handle';
}
