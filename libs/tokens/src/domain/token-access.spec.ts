import { describe, expect, it } from '@jest/globals';
import type { InstanceRole, MemberRole } from '#libs/contracts';
import { asInstallation, asOrganization, asUser } from '../testing/principals.js';
import { refusalOf } from '../testing/refusal-of.js';
import { ORGANIZATION, OTHER_ORGANIZATION, OTHER_USER, sampleToken, USER } from '../testing/sample-token.js';
import { requireManaged, seesToken } from './token-access.js';

const personal = sampleToken();
const ofOrganization = sampleToken({ type: 'organization', owner: { type: 'organization', uid: ORGANIZATION } });
const admin = sampleToken({ type: 'admin', owner: { type: 'installation', uid: 'installation' } });

const asMember = (role: MemberRole) => asUser(OTHER_USER, { roles: { [ORGANIZATION]: role } });
const asInstance = (role: InstanceRole) => asUser(OTHER_USER, { instanceRoles: [role] });
const asStranger = asUser(OTHER_USER, { roles: { [OTHER_ORGANIZATION]: 'admin' } });
const managing = (...[token, principal]: Parameters<typeof requireManaged>): string =>
  refusalOf(() => requireManaged(token, principal));

describe('B1: a personal token', () => {
  it('is seen and managed by its user and by instance admins', () => {
    for (const principal of [asUser(USER), asInstallation(), asInstance('admin')]) {
      expect(seesToken(principal, personal)).toBe(true);
      expect(managing(personal, principal)).toBe('none');
    }
  });

  it('is seen, not managed, by instance auditors', () => {
    expect(seesToken(asInstance('auditor'), personal)).toBe(true);
    expect(managing(personal, asInstance('auditor'))).toBe('permission_denied');
  });

  it('does not exist for anybody else, admins of its user’s organizations included', () => {
    for (const principal of [asStranger, asMember('admin'), asOrganization(ORGANIZATION), asInstance('billing')]) {
      expect(seesToken(principal, personal)).toBe(false);
      expect(managing(personal, principal)).toBe('not_found');
    }
  });
});

describe('B1: a token of an organization', () => {
  it('is managed by the admins of the organization, its own tokens and instance admins', () => {
    for (const principal of [asMember('admin'), asOrganization(ORGANIZATION), asInstallation()]) {
      expect(managing(ofOrganization, principal)).toBe('none');
    }
  });

  it.each<MemberRole>(['developer', 'endpoint_user', 'billing', 'auditor'])('is seen, not managed, by a %s', (role) => {
    expect(seesToken(asMember(role), ofOrganization)).toBe(true);
    expect(managing(ofOrganization, asMember(role))).toBe('permission_denied');
  });

  it('does not exist for those who are no members', () => {
    expect(managing(ofOrganization, asStranger)).toBe('not_found');
    expect(managing(ofOrganization, asOrganization(OTHER_ORGANIZATION))).toBe('not_found');
  });
});

describe('U3: an admin token', () => {
  it('exists for instance admins only', () => {
    expect(managing(admin, asInstallation())).toBe('none');
    for (const principal of [asInstance('auditor'), asInstance('billing'), asMember('admin'), asUser(USER)]) {
      expect(seesToken(principal, admin)).toBe(false);
      expect(managing(admin, principal)).toBe('not_found');
    }
  });
});
