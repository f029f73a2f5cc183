import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, type Fact } from '#libs/contracts';
import { ADA, asInstallation, asUser, BOB, contextOf, created, givenUser, refusal } from '../testing/index.js';
import { UpdateUser, type UserPatch } from './update-user.command.js';
import { decideUpdateUser } from './update-user.decide.js';

const installation = DEFAULT_SETTINGS;
const disabled: Fact = { type: 'UserDisabled', data: { userUid: ADA, reason: null } };

function decide(data: UserPatch, { caller = asInstallation(), given = [created(ADA, 'ada')], visible = true } = {}) {
  const command = new UpdateUser(caller, contextOf(caller, 'update'), ADA, data);
  return decideUpdateUser({ user: givenUser(...given), visible, installation }, command);
}

describe('updating a user', () => {
  it('records before and after of the fields that differ, and of no other', () => {
    expect(decide({ name: 'Ada L.', email: 'ada@example.com' })).toEqual([
      { type: 'UserUpdated', data: { userUid: ADA, changes: { name: { before: 'ada', after: 'Ada L.' } } } },
    ]);
  });

  it('disables with the reason, and enables again', () => {
    expect(decide({ status: 'disabled', reason: 'left' })).toEqual([
      { type: 'UserDisabled', data: { userUid: ADA, reason: 'left' } },
    ]);
    expect(decide({ status: 'active' }, { given: [created(ADA, 'ada'), disabled] })).toEqual([
      { type: 'UserEnabled', data: { userUid: ADA, reason: null } },
    ]);
  });

  it('is silent when nothing differs', () => {
    expect(decide({})).toEqual([]);
    expect(decide({ name: 'ada', status: 'active', settings: {} })).toEqual([]);
    expect(decide({ status: 'disabled' }, { given: [created(ADA, 'ada'), disabled] })).toEqual([]);
  });

  it('P4: lets an instance admin allow one user more active tokens than the installation does', () => {
    expect(decide({ settings: { maxActiveTokens: { personal: 9 } } })).toEqual([
      {
        type: 'PolicyChanged',
        data: {
          scope: ADA,
          changes: {
            'maxActiveTokens.personal': { before: null, after: 9 },
            exceptions: { before: [], after: ['maxActiveTokens.personal'] },
          },
        },
      },
    ]);
  });

  it('lets users change their own name, and nothing else (403)', () => {
    const caller = asUser(ADA);
    expect(decide({ name: 'Ada L.' }, { caller })).toHaveLength(1);
    for (const data of [{ email: 'a@example.com' }, { status: 'active' }, { name: 'x', settings: {} }] as const) {
      expect(() => decide(data, { caller })).toThrow(refusal('permission_denied'));
    }
  });

  it('403: nobody but an instance admin changes somebody else', () => {
    for (const caller of [asUser(BOB), asUser(BOB, { instanceRoles: ['auditor', 'billing'] })]) {
      expect(() => decide({ name: 'x' }, { caller })).toThrow(refusal('permission_denied'));
    }
  });

  it('404: a user that may not be seen is refused as one that does not exist', () => {
    expect(() => decide({ name: 'x' }, { given: [] })).toThrow(refusal('not_found'));
    expect(() => decide({ name: 'x' }, { caller: asUser(BOB), visible: false })).toThrow(refusal('not_found'));
  });
});
