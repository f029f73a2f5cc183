import type { Projection } from '#libs/projections';
import { MembershipEntity } from './membership.entity.js';
import { membershipsProjection } from './memberships.projection.js';
import { OrganizationEntity } from './organization.entity.js';
import { organizationsProjection } from './organizations.projection.js';
import { SettingsEntity } from './settings.entity.js';
import { settingsProjection } from './settings.projection.js';
import { UserEntity } from './user.entity.js';
import { usersProjection } from './users.projection.js';

/** Entities for the app's DataSource. */
export const DIRECTORY_ENTITIES = [UserEntity, OrganizationEntity, MembershipEntity, SettingsEntity] as const;

/** Projections for the engine; they fill the tables of `DirectoryReadModels1764000002000`. */
export const DIRECTORY_PROJECTIONS: readonly Projection[] = [
  usersProjection,
  organizationsProjection,
  membershipsProjection,
  settingsProjection,
];
