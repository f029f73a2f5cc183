import { describe, expect, it } from '@jest/globals';
import type { MemberRole } from '#libs/contracts';
import { ACME, ADA, asInstallation, asOrganization, asUser, BOB, contextOf } from '../testing/index.js';
import { created, givenOrganization, givenUser, member, refusal } from '../testing/index.js';
import { SetMember } from './set-member.command.js';
import { decideSetMember } from './set-member.decide.js';

const acme = givenOrganization(created(ACME, 'acme'), member(ACME, ADA, 'admin'));
const ada = givenUser(created(ADA, 'ada'));
const bob = givenUser(created(BOB, 'bob'));
const admin = asUser(ADA, { roles: { [ACME]: 'admin' } });

function decide(role: MemberRole, { caller = admin, organization = acme, user = bob } = {}) {
  const target = { organization: ACME, user: user?.uid ?? BOB };
  return decideSetMember({ organization, user }, new SetMember(caller, contextOf(caller, 'member'), target, role));
}

describe('setting a member of an organization', () => {
  it('adds a user with the role, by an admin of it, its own token or an instance admin', () => {
    for (const caller of [admin, asOrganization(ACME), asInstallation()]) {
      expect(decide('developer', { caller })).toEqual([
        { type: 'MemberAdded', data: { organizationUid: ACME, userUid: BOB, role: 'developer' } },
      ]);
    }
  });

  const both = givenOrganization(created(ACME, 'acme'), member(ACME, ADA, 'admin'), member(ACME, BOB, 'developer'));

  it('changes the role of a member, with before and after', () => {
    expect(decide('admin', { organization: both })).toEqual([
      { type: 'MemberRoleChanged', data: { organizationUid: ACME, userUid: BOB, before: 'developer', after: 'admin' } },
    ]);
  });

  it('is silent when the role is the same', () => {
    expect(decide('developer', { organization: both })).toEqual([]);
  });

  it('409: the last admin keeps the role, even by the own wish', () => {
    expect(() => decide('developer', { user: ada })).toThrow(refusal('last_admin'));
  });

  it('lets an instance admin take the role of the last admin', () => {
    expect(decide('auditor', { user: ada, caller: asInstallation() })).toMatchObject([{ type: 'MemberRoleChanged' }]);
  });

  it('lets an admin who is not the last one step back', () => {
    const organization = givenOrganization(
      created(ACME, 'acme'),
      member(ACME, ADA, 'admin'),
      member(ACME, BOB, 'admin'),
    );
    expect(decide('billing', { user: ada, organization })).toMatchObject([{ data: { after: 'billing' } }]);
  });

  it('409: a disabled user becomes no member', () => {
    const user = givenUser(created(BOB, 'bob'), { type: 'UserDisabled', data: { userUid: BOB, reason: null } });
    expect(() => decide('developer', { user })).toThrow(refusal('user_disabled'));
  });

  it('404: a user that does not exist becomes no member', () => {
    expect(() => decide('developer', { user: null })).toThrow(refusal('not_found'));
  });

  it('403: members without the role admin set nobody, and learn nothing of the user', () => {
    const caller = asUser(BOB, { roles: { [ACME]: 'billing' } });
    for (const user of [bob, null]) {
      expect(() => decide('admin', { caller, user })).toThrow(refusal('permission_denied'));
    }
  });

  it('404: to who is not a member the organization is refused as one that does not exist', () => {
    expect(() => decide('admin', { caller: asUser(BOB) })).toThrow(refusal('not_found'));
    expect(() => decide('admin', { organization: null, caller: asInstallation() })).toThrow(refusal('not_found'));
  });
});
