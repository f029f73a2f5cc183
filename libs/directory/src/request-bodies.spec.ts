import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import 'reflect-metadata';
import { CreateOrganizationDto } from './create-organization/create-organization.dto.js';
import { CreateUserDto } from './create-user/create-user.dto.js';
import { EndMembershipQuery } from './end-membership/end-membership.dto.js';
import { SetInstanceRolesDto } from './set-instance-roles/set-instance-roles.dto.js';
import { SetMemberDto } from './set-member/set-member.dto.js';
import { SettingsPatchDto } from './settings.dto.js';
import { UpdateOrganizationDto } from './update-organization/update-organization.dto.js';
import { UpdateUserDto } from './update-user/update-user.dto.js';

type Dto = new () => object;

/** Paths of the fields that the pipe of libs/http refuses, with the options it uses. */
function refusedFields(dto: Dto, body: unknown): string[] {
  const instance = plainToInstance(dto, body);
  return validateSync(instance, { whitelist: true, forbidNonWhitelisted: true }).flatMap((error) => pathsOf(error, ''));
}

function pathsOf({ property, constraints, children = [] }: ValidationError, parent: string): string[] {
  const path = `${parent}${property}`;
  return [...(constraints ? [path] : []), ...children.flatMap((child) => pathsOf(child, `${path}.`))];
}

const user = { handle: 'ada', email: 'ada@example.com' };

describe('the bodies of the directory', () => {
  it.each<[string, Dto, unknown]>([
    ['POST /v1/users', CreateUserDto, user],
    ['POST /v1/users with a name', CreateUserDto, { ...user, name: 'Ada' }],
    ['POST /v1/organizations', CreateOrganizationDto, { handle: 'a' }],
    ['PATCH /v1/users', UpdateUserDto, {}],
    [
      'PATCH /v1/users, every field',
      UpdateUserDto,
      { name: 'A', email: 'a@b.org', status: 'disabled', reason: 'left' },
    ],
    ['PATCH /v1/organizations', UpdateOrganizationDto, { settings: { maxActiveTokens: { client: null } } }],
    ['PUT roles', SetInstanceRolesDto, { roles: ['admin', 'billing'] }],
    ['PUT no roles', SetInstanceRolesDto, { roles: [] }],
    ['PUT member', SetMemberDto, { role: 'endpoint_user' }],
    ['DELETE member', EndMembershipQuery, {}],
    ['PATCH /v1/settings at the bounds', SettingsPatchDto, { unusedAfterDays: 1, maxLifetimeDays: 3650 }],
    ['PATCH settings to those of the installation', SettingsPatchDto, { unusedAfterDays: null, neverExpires: null }],
  ])('take %s', (_name, dto, body) => {
    expect(refusedFields(dto, body)).toEqual([]);
  });

  it.each<[string, string[], Dto, unknown]>([
    ['nothing at all', ['handle', 'email'], CreateUserDto, {}],
    ['a handle in capitals', ['handle'], CreateUserDto, { ...user, handle: 'Ada' }],
    ['a handle that ends in a hyphen', ['handle'], CreateUserDto, { ...user, handle: 'ada-' }],
    ['a handle of 64 characters', ['handle'], CreateUserDto, { ...user, handle: 'a'.repeat(64) }],
    ['a handle that ends in a line break', ['handle'], CreateUserDto, { ...user, handle: 'ada\n' }],
    ['an address without a domain', ['email'], CreateUserDto, { ...user, email: 'ada' }],
    ['a number for an address', ['email'], CreateUserDto, { ...user, email: 1 }],
    ['null for a name', ['name'], CreateUserDto, { ...user, name: null }],
    ['an empty name', ['name'], CreateOrganizationDto, { handle: 'acme', name: '' }],
    ['an unknown field', ['admin'], CreateOrganizationDto, { handle: 'acme', admin: true }],
    ['null for an address', ['email'], UpdateUserDto, { email: null }],
    ['an unknown status', ['status'], UpdateUserDto, { status: 'deleted' }],
    ['null for settings', ['settings'], UpdateUserDto, { settings: null }],
    ['a list for settings', ['settings'], UpdateOrganizationDto, { settings: [] }],
    ['an unknown setting', ['settings.max'], UpdateOrganizationDto, { settings: { max: 1 } }],
    ['an unknown role', ['roles'], SetInstanceRolesDto, { roles: ['root'] }],
    ['a role twice', ['roles'], SetInstanceRolesDto, { roles: ['admin', 'admin'] }],
    ['no list of roles', ['roles'], SetInstanceRolesDto, {}],
    ['no role of a member', ['role'], SetMemberDto, {}],
    ['an empty reason', ['reason'], EndMembershipQuery, { reason: '' }],
    [
      '0 days',
      ['unusedAfterDays', 'neverUsedAfterDays'],
      SettingsPatchDto,
      { unusedAfterDays: 0, neverUsedAfterDays: 0 },
    ],
    ['366 days', ['unusedAfterDays'], SettingsPatchDto, { unusedAfterDays: 366 }],
    ['3651 days', ['maxLifetimeDays'], SettingsPatchDto, { maxLifetimeDays: 3651 }],
    ['half a day', ['maxLifetimeDays'], SettingsPatchDto, { maxLifetimeDays: 1.5 }],
    ['a number as text', ['maxLifetimeDays'], SettingsPatchDto, { maxLifetimeDays: '30' }],
    ['a negative limit', ['maxActiveTokens.client'], SettingsPatchDto, { maxActiveTokens: { client: -1 } }],
    ['a limit of 100,001', ['maxActiveTokens.admin'], SettingsPatchDto, { maxActiveTokens: { admin: 100_001 } }],
    ['a limit of an unknown type', ['maxActiveTokens.x'], SettingsPatchDto, { maxActiveTokens: { x: 1 } }],
    ['null for limits', ['maxActiveTokens'], SettingsPatchDto, { maxActiveTokens: null }],
  ])('400: refuse %s, naming %j', (_name, fields, dto, body) => {
    expect(refusedFields(dto, body)).toEqual(fields);
  });
});
