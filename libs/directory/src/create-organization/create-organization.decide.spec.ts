import { describe, expect, it } from '@jest/globals';
import { ACME, ADA, asInstallation, asOrganization, asUser, contextOf, GLOBEX, refusal } from '../testing/index.js';
import { CreateOrganization } from './create-organization.command.js';
import { decideCreateOrganization } from './create-organization.decide.js';

const data = { handle: 'acme', name: 'Acme' };
const state = { organizationUid: ACME, holder: null };
const command = (caller = asUser(ADA)) => new CreateOrganization(caller, contextOf(caller, 'create'), data);

const madeOrganization = { type: 'OrganizationCreated', data: { organizationUid: ACME, ...data } };

describe('creating an organization', () => {
  it('takes the handle, makes the organization with its creator as admin, and opens its account, in this order', () => {
    expect(decideCreateOrganization(state, command())).toEqual([
      { stream: 'handle-acme', facts: [{ type: 'HandleTaken', data: { handle: 'acme', holder: ACME } }] },
      {
        stream: `organization-${ACME}`,
        facts: [
          madeOrganization,
          { type: 'MemberAdded', data: { organizationUid: ACME, userUid: ADA, role: 'admin' } },
        ],
      },
      {
        stream: `account-${ACME}`,
        facts: [{ type: 'AccountOpened', data: { accountUid: ACME, unit: 'CREDIT', mode: 'prepaid', limit: '0' } }],
      },
    ]);
  });

  it('adds nobody when the installation itself asks', () => {
    const streams = decideCreateOrganization(state, command(asInstallation()));
    expect(streams[1]).toEqual({ stream: `organization-${ACME}`, facts: [madeOrganization] });
  });

  it('makes a user who is an instance admin the admin of it too', () => {
    const streams = decideCreateOrganization(state, command(asUser(ADA, { instanceRoles: ['admin'] })));
    expect(streams[1]?.facts).toHaveLength(2);
  });

  it('409: a handle that somebody has is refused, a user as well as an organization, and the field is named', () => {
    for (const holder of [ADA, GLOBEX]) {
      const decide = () => decideCreateOrganization({ organizationUid: ACME, holder }, command());
      expect(decide).toThrow(refusal('handle_taken', 'handle'));
    }
  });

  it('403: a token of another organization may not create one', () => {
    const decide = () => decideCreateOrganization(state, command(asOrganization(GLOBEX)));
    expect(decide).toThrow(refusal('permission_denied'));
  });
});
