import { Module } from '@nestjs/common';
import { CreateOrganizationController } from './create-organization/create-organization.controller.js';
import { CreateOrganizationHandler } from './create-organization/create-organization.handler.js';
import { CreateUserController } from './create-user/create-user.controller.js';
import { CreateUserHandler } from './create-user/create-user.handler.js';
import { DirectoryCommands } from './directory-commands.js';
import { EndMembershipController } from './end-membership/end-membership.controller.js';
import { EndMembershipHandler } from './end-membership/end-membership.handler.js';
import { GetMeController } from './get-me/get-me.controller.js';
import { GetMeHandler } from './get-me/get-me.handler.js';
import { GetOrganizationController } from './get-organization/get-organization.controller.js';
import { GetOrganizationHandler } from './get-organization/get-organization.handler.js';
import { GetSettingsController } from './get-settings/get-settings.controller.js';
import { GetSettingsHandler } from './get-settings/get-settings.handler.js';
import { GetUserController } from './get-user/get-user.controller.js';
import { GetUserHandler } from './get-user/get-user.handler.js';
import { ListMembersController } from './list-members/list-members.controller.js';
import { ListMembersHandler } from './list-members/list-members.handler.js';
import { ListOrganizationsController } from './list-organizations/list-organizations.controller.js';
import { ListOrganizationsHandler } from './list-organizations/list-organizations.handler.js';
import { ListUsersController } from './list-users/list-users.controller.js';
import { ListUsersHandler } from './list-users/list-users.handler.js';
import { SetInstanceRolesController } from './set-instance-roles/set-instance-roles.controller.js';
import { SetInstanceRolesHandler } from './set-instance-roles/set-instance-roles.handler.js';
import { SetMemberController } from './set-member/set-member.controller.js';
import { SetMemberHandler } from './set-member/set-member.handler.js';
import { UpdateOrganizationController } from './update-organization/update-organization.controller.js';
import { UpdateOrganizationHandler } from './update-organization/update-organization.handler.js';
import { UpdateSettingsController } from './update-settings/update-settings.controller.js';
import { UpdateSettingsHandler } from './update-settings/update-settings.handler.js';
import { UpdateUserController } from './update-user/update-user.controller.js';
import { UpdateUserHandler } from './update-user/update-user.handler.js';

const controllers = [
  CreateUserController,
  ListUsersController,
  GetUserController,
  UpdateUserController,
  SetInstanceRolesController,
  CreateOrganizationController,
  ListOrganizationsController,
  GetOrganizationController,
  UpdateOrganizationController,
  ListMembersController,
  SetMemberController,
  EndMembershipController,
  GetSettingsController,
  UpdateSettingsController,
  GetMeController,
];

const handlers = [
  CreateUserHandler,
  ListUsersHandler,
  GetUserHandler,
  UpdateUserHandler,
  SetInstanceRolesHandler,
  CreateOrganizationHandler,
  ListOrganizationsHandler,
  GetOrganizationHandler,
  UpdateOrganizationHandler,
  ListMembersHandler,
  SetMemberHandler,
  EndMembershipHandler,
  GetSettingsHandler,
  UpdateSettingsHandler,
  GetMeHandler,
];

/**
 * Users, organizations, members, roles and settings. Expects from the app, globally: `EventLog`, `StreamRepository`,
 * TypeORM's `DataSource` with `DIRECTORY_ENTITIES`, and the command and query bus.
 */
@Module({ controllers, providers: [DirectoryCommands, ...handlers] })
export class DirectoryModule {}
