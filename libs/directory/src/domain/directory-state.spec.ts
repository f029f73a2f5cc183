import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_SETTINGS, type Fact, type MemberRole } from '#libs/contracts';
import { ACME, ADA, BOB, created, givenOrganization, givenUser, GLOBEX, member } from '../testing/index.js';
import { DirectoryState } from './directory-state.js';

const USERS = [ADA, BOB];
const ORGANIZATIONS = [ACME, GLOBEX];
const ROLES: MemberRole[] = ['admin', 'developer', 'endpoint_user', 'billing', 'auditor'];

function given(...facts: readonly Fact[]): DirectoryState {
  const state = new DirectoryState();
  for (const fact of facts) state.applyFact(fact);
  return state;
}

const beginning = [created(ADA, 'ada'), created(BOB, 'bob'), created(ACME, 'acme'), created(GLOBEX, 'globex')];

const memberFacts: fc.Arbitrary<Fact> = fc
  .record({
    organizationUid: fc.constantFrom(...ORGANIZATIONS),
    userUid: fc.constantFrom(...USERS),
    role: fc.option(fc.constantFrom(...ROLES)),
  })
  .map(({ organizationUid, userUid, role }): Fact => {
    if (role !== null) return { type: 'MemberAdded', data: { organizationUid, userUid, role } };
    return { type: 'MembershipEnded', data: { organizationUid, userUid, reason: null } };
  });

describe('the directory in memory', () => {
  it('tells the memberships of a user and the members of an organization alike, as the streams do', () => {
    fc.assert(
      fc.property(fc.array(memberFacts), (facts) => {
        const state = given(...beginning, ...facts);
        for (const uid of ORGANIZATIONS) {
          const own = facts.filter(({ data }) => 'organizationUid' in data && data.organizationUid === uid);
          const members = givenOrganization(created(uid, 'x'), ...own)?.members;
          const byUser = USERS.map((user) => [user, state.membershipsOf(user).get(uid)]);
          expect(state.organizations.get(uid)?.members).toEqual(members);
          expect(byUser).toEqual(USERS.map((user) => [user, members?.get(user)]));
        }
      }),
    );
  });

  it('I1: knows one membership less from the event on that ends it, and all others unchanged', () => {
    const state = given(...beginning, member(ACME, ADA, 'admin'), member(GLOBEX, ADA, 'developer'));
    state.applyFact({ type: 'MembershipEnded', data: { organizationUid: ACME, userUid: ADA, reason: null } });
    expect([...state.membershipsOf(ADA)]).toEqual([[GLOBEX, 'developer']]);
  });

  it('changes a role', () => {
    const state = given(...beginning, member(ACME, ADA, 'admin'), {
      type: 'MemberRoleChanged',
      data: { organizationUid: ACME, userUid: ADA, before: 'admin', after: 'billing' },
    });
    expect(state.membershipsOf(ADA).get(ACME)).toBe('billing');
  });

  it('has no memberships of a user that it does not know', () => {
    expect([...given().membershipsOf(ADA)]).toEqual([]);
  });

  it('B2: folds a user as its stream does', () => {
    const facts: Fact[] = [
      created(ADA, 'ada'),
      { type: 'UserUpdated', data: { userUid: ADA, changes: { name: { before: 'ada', after: 'Ada' } } } },
      { type: 'InstanceRolesChanged', data: { userUid: ADA, before: [], after: ['auditor'] } },
      { type: 'UserDisabled', data: { userUid: ADA, reason: null } },
    ];
    expect(given(...facts).users.get(ADA)).toEqual(givenUser(...facts));
    expect(given(...facts).users.get(ADA)).toMatchObject({
      name: 'Ada',
      status: 'disabled',
      instanceRoles: ['auditor'],
    });
    const enabled = given(...facts, { type: 'UserEnabled', data: { userUid: ADA, reason: null } });
    expect(enabled.users.get(ADA)?.status).toBe('active');
  });

  it('keeps the members of an organization whose name changes', () => {
    const changes = { name: { before: 'acme', after: 'Acme' } };
    const state = given(...beginning, member(ACME, ADA, 'admin'), {
      type: 'OrganizationUpdated',
      data: { organizationUid: ACME, changes },
    });
    state.applyFact(member(ACME, BOB, 'developer'));
    expect(state.organizations.get(ACME)).toMatchObject({ name: 'Acme', handle: 'acme' });
    expect(state.organizations.get(ACME)?.members.size).toBe(2);
  });

  it('P4: tells the settings in force for the tokens of each owner', () => {
    const state = given(
      ...beginning,
      policy('installation', 'maxActiveTokens.personal', 4),
      policy(ADA, 'maxActiveTokens.personal', 2),
      policy(ACME, 'unusedAfterDays', 7),
    );
    expect(state.settings.maxActiveTokens.personal).toBe(4);
    expect(state.settingsOf(ADA).maxActiveTokens.personal).toBe(2);
    expect(state.settingsOf(BOB).maxActiveTokens.personal).toBe(4);
    expect(state.settingsOf(ACME).unusedAfterDays).toBe(7);
    expect(state.settingsOf('installation')).toEqual(state.settings);
  });

  it('passes over the events of others', () => {
    const state = given({ type: 'AuditStarted', data: { node: 'node-1' } });
    expect([state.users.size, state.organizations.size, state.settings]).toEqual([0, 0, DEFAULT_SETTINGS]);
  });

  it('folds ten thousand members of one organization without copying them for each', () => {
    const state = given(created(ACME, 'acme'));
    const { members } = state.organizations.get(ACME) ?? {};
    for (let index = 0; index < 10_000; index += 1) state.applyFact(member(ACME, `${ADA}${index}`, 'developer'));
    expect(state.organizations.get(ACME)?.members).toBe(members);
    expect(members?.size).toBe(10_000);
  });
});

function policy(scope: string, name: string, after: number): Fact {
  return { type: 'PolicyChanged', data: { scope, changes: { [name]: { before: null, after } } } };
}
