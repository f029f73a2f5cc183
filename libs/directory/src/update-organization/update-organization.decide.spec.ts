import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#libs/contracts';
import { ACME, ADA, asInstallation, asOrganization, asUser, BOB, contextOf } from '../testing/index.js';
import { created, givenOrganization, member, refusal } from '../testing/index.js';
import { type OrganizationPatch, UpdateOrganization } from './update-organization.command.js';
import { decideUpdateOrganization } from './update-organization.decide.js';

const installation = DEFAULT_SETTINGS;
const acme = givenOrganization(created(ACME, 'acme'), member(ACME, ADA, 'admin'), member(ACME, BOB, 'developer'));
const admin = asUser(ADA, { roles: { [ACME]: 'admin' } });

function decide(data: OrganizationPatch, { caller = admin, organization = acme } = {}) {
  const command = new UpdateOrganization(caller, contextOf(caller, 'update'), ACME, data);
  return decideUpdateOrganization({ organization, installation }, command);
}

describe('updating an organization', () => {
  it('is done by its admins, its own token and instance admins', () => {
    const changes = { name: { before: 'acme', after: 'Acme Inc.' } };
    for (const caller of [admin, asOrganization(ACME), asInstallation()]) {
      expect(decide({ name: 'Acme Inc.' }, { caller })).toEqual([
        { type: 'OrganizationUpdated', data: { organizationUid: ACME, changes } },
      ]);
    }
  });

  it('is silent when nothing differs', () => {
    expect(decide({})).toEqual([]);
    expect(decide({ name: 'acme', settings: { maxLifetimeDays: null } })).toEqual([]);
  });

  it('P4: its admins narrow its limits within those of the installation', () => {
    expect(decide({ settings: { maxActiveTokens: { organization: 3 }, neverExpires: 'forbidden' } })).toEqual([
      {
        type: 'PolicyChanged',
        data: {
          scope: ACME,
          changes: {
            'maxActiveTokens.organization': { before: null, after: 3 },
            neverExpires: { before: null, after: 'forbidden' },
          },
        },
      },
    ]);
  });

  it('400: its admins do not go beyond the installation, and the setting is named', () => {
    expect(() => decide({ settings: { maxLifetimeDays: 366 } })).toThrow(
      refusal('validation_failed', 'settings.maxLifetimeDays'),
    );
    expect(() => decide({ settings: { maxActiveTokens: { organization: 51 } } })).toThrow(
      refusal('validation_failed', 'settings.maxActiveTokens.organization'),
    );
  });

  it('E3: its admins set the days after which unused tokens are flagged as they like', () => {
    expect(decide({ settings: { unusedAfterDays: 365, neverUsedAfterDays: 365 } })).toHaveLength(1);
  });

  it('lets instance admins go beyond the installation', () => {
    expect(decide({ settings: { maxLifetimeDays: 700 } }, { caller: asInstallation() })).toMatchObject([
      { data: { changes: { exceptions: { before: [], after: ['maxLifetimeDays'] } } } },
    ]);
  });

  it('403: its other members, instance auditors and instance billing change nothing', () => {
    const developer = asUser(BOB, { roles: { [ACME]: 'developer' } });
    for (const caller of [developer, asUser(BOB, { instanceRoles: ['auditor', 'billing'] })]) {
      expect(() => decide({ name: 'x' }, { caller })).toThrow(refusal('permission_denied'));
    }
  });

  it('404: to who is not a member it is refused as one that does not exist', () => {
    expect(() => decide({ name: 'x' }, { caller: asUser(BOB) })).toThrow(refusal('not_found'));
    expect(() => decide({ name: 'x' }, { caller: asInstallation(), organization: null })).toThrow(refusal('not_found'));
  });
});
