import { describe, expect, it } from '@jest/globals';
import { ACME, ADA, asInstallation, asOrganization, asUser, BOB, contextOf } from '../testing/index.js';
import { created, givenOrganization, member, refusal } from '../testing/index.js';
import { EndMembership } from './end-membership.command.js';
import { decideEndMembership } from './end-membership.decide.js';

const CAROL = 'usr_01JD00000000000000000CAR01';
const acme = givenOrganization(created(ACME, 'acme'), member(ACME, ADA, 'admin'), member(ACME, BOB, 'developer'));
const admin = asUser(ADA, { roles: { [ACME]: 'admin' } });
const developer = asUser(BOB, { roles: { [ACME]: 'developer' } });

function decide(userUid: string | null, { caller = admin, organization = acme } = {}) {
  const target = { organization: ACME, user: userUid ?? 'nobody' };
  const command = new EndMembership(caller, contextOf(caller, 'end'), target, 'left the team');
  return decideEndMembership({ organization, userUid }, command);
}

const ended = {
  type: 'MembershipEnded',
  data: { organizationUid: ACME, userUid: BOB, reason: 'left the team' },
};

describe('ending a membership', () => {
  it('B2: is done by an admin of the organization, its own token or an instance admin, with the reason', () => {
    for (const caller of [admin, asOrganization(ACME), asInstallation()]) {
      expect(decide(BOB, { caller })).toEqual([ended]);
    }
  });

  it('is done by the members themselves', () => {
    expect(decide(BOB, { caller: developer })).toEqual([ended]);
  });

  it('403: members without the role admin end no other membership, and learn nothing of the user', () => {
    for (const userUid of [ADA, CAROL, null]) {
      expect(() => decide(userUid, { caller: developer })).toThrow(refusal('permission_denied'));
    }
  });

  it('404: who is not a member, or nobody at all, has no membership to end', () => {
    expect(() => decide(CAROL)).toThrow(refusal('not_found'));
    expect(() => decide(null)).toThrow(refusal('not_found'));
  });

  it('409: the last admin stays, even by the own wish', () => {
    expect(() => decide(ADA)).toThrow(refusal('last_admin'));
    expect(() => decide(ADA, { caller: asOrganization(ACME) })).toThrow(refusal('last_admin'));
  });

  it('lets an instance admin remove the last admin', () => {
    expect(decide(ADA, { caller: asInstallation() })).toMatchObject([{ type: 'MembershipEnded' }]);
  });

  it('404: to who is not a member the organization is refused as one that does not exist', () => {
    expect(() => decide(ADA, { caller: asUser(CAROL) })).toThrow(refusal('not_found'));
    expect(() => decide(ADA, { caller: asInstallation(), organization: null })).toThrow(refusal('not_found'));
  });
});
