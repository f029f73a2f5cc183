import { describe, expect, it } from '@jest/globals';
import type { Fact, InstanceRole } from '#libs/contracts';
import { ADA, asInstallation, asUser, BOB, contextOf, created, givenUser, refusal } from '../testing/index.js';
import { SetInstanceRoles } from './set-instance-roles.command.js';
import { decideSetInstanceRoles } from './set-instance-roles.decide.js';

const auditor: Fact = { type: 'InstanceRolesChanged', data: { userUid: ADA, before: [], after: ['auditor'] } };

function decide(
  roles: readonly InstanceRole[],
  { caller = asInstallation(), given = [created(ADA, 'ada')], visible = true } = {},
) {
  const command = new SetInstanceRoles(caller, contextOf(caller, 'roles'), ADA, roles);
  return decideSetInstanceRoles({ user: givenUser(...given), visible }, command);
}

describe('setting the instance roles of a user', () => {
  it('records the whole set before and after', () => {
    expect(decide(['billing', 'admin'], { given: [created(ADA, 'ada'), auditor] })).toEqual([
      { type: 'InstanceRolesChanged', data: { userUid: ADA, before: ['auditor'], after: ['admin', 'billing'] } },
    ]);
  });

  it('takes all roles away', () => {
    expect(decide([], { given: [created(ADA, 'ada'), auditor] })).toMatchObject([{ data: { after: [] } }]);
  });

  it('is silent when the roles are the same, in whatever order', () => {
    const both: Fact = {
      type: 'InstanceRolesChanged',
      data: { userUid: ADA, before: [], after: ['admin', 'auditor'] },
    };
    expect(decide(['auditor', 'admin'], { given: [created(ADA, 'ada'), both] })).toEqual([]);
    expect(decide([])).toEqual([]);
  });

  it('403: users give no roles, neither to themselves nor to others', () => {
    for (const caller of [asUser(ADA), asUser(BOB, { instanceRoles: ['auditor', 'billing'] })]) {
      expect(() => decide(['admin'], { caller })).toThrow(refusal('permission_denied'));
    }
  });

  it('404: a user that may not be seen is refused as one that does not exist', () => {
    expect(() => decide(['admin'], { given: [] })).toThrow(refusal('not_found'));
    expect(() => decide(['admin'], { caller: asUser(BOB), visible: false })).toThrow(refusal('not_found'));
  });
});
