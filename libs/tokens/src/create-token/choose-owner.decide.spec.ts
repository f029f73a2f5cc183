import { describe, expect, it } from '@jest/globals';
import type { MemberRole } from '#libs/contracts';
import { asInstallation, asOrganization, asUser } from '../testing/principals.js';
import { refusalOf } from '../testing/refusal-of.js';
import { ORGANIZATION, OTHER_ORGANIZATION, OTHER_USER, USER } from '../testing/sample-token.js';
import { chooseOwner } from './choose-owner.decide.js';

const asRole = (role: MemberRole) => asUser(USER, { roles: { [ORGANIZATION]: role } });
const ROLES: MemberRole[] = ['admin', 'developer', 'endpoint_user', 'billing', 'auditor'];

describe('the owner of a new personal token', () => {
  it.each(ROLES)('is the user who asks, as %s of an organization too', (role) => {
    expect(chooseOwner(asRole(role), { type: 'personal' })).toEqual({ type: 'user', uid: USER });
  });

  it('may be named by the user itself', () => {
    expect(chooseOwner(asUser(USER), { type: 'personal', owner: { user: USER } })).toEqual({ type: 'user', uid: USER });
  });

  it('is another user for instance admins only', () => {
    const wish = { type: 'personal', owner: { user: OTHER_USER } } as const;
    const expected = { type: 'user', uid: OTHER_USER };
    expect(chooseOwner(asInstallation(), wish)).toEqual(expected);
    expect(chooseOwner(asUser(USER, { instanceRoles: ['admin'] }), wish)).toEqual(expected);
    expect(refusalOf(() => chooseOwner(asUser(USER), wish))).toBe('permission_denied');
    expect(refusalOf(() => chooseOwner(asUser(USER, { instanceRoles: ['auditor'] }), wish))).toBe('permission_denied');
    expect(refusalOf(() => chooseOwner(asOrganization(ORGANIZATION), wish))).toBe('permission_denied');
  });

  it('must be named by whoever is no user', () => {
    expect(refusalOf(() => chooseOwner(asInstallation(), { type: 'personal' }))).toBe('owner_required');
    expect(refusalOf(() => chooseOwner(asOrganization(ORGANIZATION), { type: 'personal' }))).toBe('owner_required');
  });

  it('I8: is never an organization', () => {
    const wish = { type: 'personal', owner: { organization: ORGANIZATION } } as const;
    expect(refusalOf(() => chooseOwner(asRole('admin'), wish))).toBe('validation_failed owner.organization');
  });
});

describe('B1: the owner of a new token of an organization', () => {
  const wish = { type: 'organization', owner: { organization: ORGANIZATION } } as const;
  const expected = { type: 'organization', uid: ORGANIZATION };

  it('is named by an admin of the organization, or of the instance', () => {
    expect(chooseOwner(asRole('admin'), wish)).toEqual(expected);
    expect(chooseOwner(asInstallation(), wish)).toEqual(expected);
  });

  it('is the organization whose own token asks', () => {
    expect(chooseOwner(asOrganization(ORGANIZATION), { type: 'organization' })).toEqual(expected);
  });

  it.each(ROLES.slice(1))('is refused to a %s', (role) => {
    expect(refusalOf(() => chooseOwner(asRole(role), wish))).toBe('permission_denied');
  });

  it('is refused alike for an organization of others and for one that does not exist', () => {
    const other = { ...wish, owner: { organization: OTHER_ORGANIZATION } };
    expect(refusalOf(() => chooseOwner(asRole('admin'), other))).toBe('permission_denied');
    expect(refusalOf(() => chooseOwner(asOrganization(ORGANIZATION), other))).toBe('permission_denied');
  });

  it('must be named by users and by the installation', () => {
    expect(refusalOf(() => chooseOwner(asRole('admin'), { type: 'organization' }))).toBe('owner_required');
    expect(refusalOf(() => chooseOwner(asInstallation(), { type: 'organization' }))).toBe('owner_required');
  });

  it('is no user', () => {
    const user = { type: 'organization', owner: { user: USER } } as const;
    expect(refusalOf(() => chooseOwner(asInstallation(), user))).toBe('validation_failed owner.user');
  });
});

describe('the owner of a new admin token', () => {
  it('is the installation, for instance admins only', () => {
    const expected = { type: 'installation', uid: 'installation' };
    expect(chooseOwner(asInstallation(), { type: 'admin' })).toEqual(expected);
    expect(refusalOf(() => chooseOwner(asRole('admin'), { type: 'admin' }))).toBe('permission_denied');
  });

  it('cannot be named', () => {
    const wish = { type: 'admin', owner: { user: USER } } as const;
    expect(refusalOf(() => chooseOwner(asInstallation(), wish))).toBe('validation_failed owner');
  });
});

it('an owner is a user or an organization, not both and not neither', () => {
  const both = { type: 'personal', owner: { user: USER, organization: ORGANIZATION } } as const;
  expect(refusalOf(() => chooseOwner(asInstallation(), both))).toBe('validation_failed owner');
  expect(refusalOf(() => chooseOwner(asInstallation(), { type: 'personal', owner: {} }))).toBe(
    'validation_failed owner',
  );
});
