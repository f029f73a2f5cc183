import { describe, expect, it } from '@jest/globals';
import { ADA, asInstallation, asUser, BOB, contextOf, refusal } from '../testing/index.js';
import { CreateUser } from './create-user.command.js';
import { decideCreateUser } from './create-user.decide.js';

const data = { handle: 'ada', email: 'ada@example.com', name: 'Ada' };
const command = (caller = asInstallation(), wished: CreateUser['data'] = data) =>
  new CreateUser(caller, contextOf(caller, 'create'), wished);

describe('creating a user', () => {
  it('takes the handle, makes the user and opens the account of personal credits, in this order', () => {
    expect(decideCreateUser({ userUid: ADA, holder: null }, command())).toEqual([
      { stream: 'handle-ada', facts: [{ type: 'HandleTaken', data: { handle: 'ada', holder: ADA } }] },
      { stream: `user-${ADA}`, facts: [{ type: 'UserCreated', data: { userUid: ADA, ...data } }] },
      {
        stream: `account-${ADA}`,
        facts: [{ type: 'AccountOpened', data: { accountUid: ADA, unit: 'CREDIT', mode: 'prepaid', limit: '0' } }],
      },
    ]);
  });

  it('names a user after its handle when no name is given', () => {
    const streams = decideCreateUser(
      { userUid: ADA, holder: null },
      command(asInstallation(), { handle: 'ada', email: 'ada@example.com' }),
    );
    expect(streams[1]?.facts[0]?.data).toMatchObject({ name: 'ada' });
  });

  it('is allowed to a user who is an instance admin', () => {
    const caller = asUser(BOB, { instanceRoles: ['admin'] });
    expect(decideCreateUser({ userUid: ADA, holder: null }, command(caller))).toHaveLength(3);
  });

  it('409: a handle that somebody has is refused, and the field is named', () => {
    const decide = () => decideCreateUser({ userUid: ADA, holder: BOB }, command());
    expect(decide).toThrow(refusal('handle_taken', 'handle'));
  });

  it.each([
    ['a user', asUser(BOB)],
    ['an instance auditor', asUser(BOB, { instanceRoles: ['auditor'] })],
    ['an instance billing', asUser(BOB, { instanceRoles: ['billing'] })],
  ])('403: %s may not create users, whether the handle is free or not', (_who, caller) => {
    for (const holder of [null, ADA]) {
      const decide = () => decideCreateUser({ userUid: ADA, holder }, command(caller));
      expect(decide).toThrow(refusal('permission_denied'));
    }
  });
});
