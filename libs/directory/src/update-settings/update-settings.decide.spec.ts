import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#libs/contracts';
import type { SettingsPatch } from '../domain/settings.js';
import { ACME, ADA, asInstallation, asUser, contextOf, refusal } from '../testing/index.js';
import { UpdateSettings } from './update-settings.command.js';
import { decideUpdateSettings } from './update-settings.decide.js';

function decide(patch: SettingsPatch, caller = asInstallation()) {
  return decideUpdateSettings(DEFAULT_SETTINGS, new UpdateSettings(caller, contextOf(caller, 'settings'), patch));
}

describe('updating the settings of the installation', () => {
  it('P4: records before and after of the settings that differ, and of no other', () => {
    expect(
      decide({ maxActiveTokens: { personal: 7, client: 2000 }, maxLifetimeDays: 365, unusedAfterDays: 60 }),
    ).toEqual([
      {
        type: 'PolicyChanged',
        data: {
          scope: 'installation',
          changes: {
            'maxActiveTokens.personal': { before: 5, after: 7 },
            unusedAfterDays: { before: 90, after: 60 },
          },
        },
      },
    ]);
  });

  it('is silent when nothing differs', () => {
    expect(decide({})).toEqual([]);
    expect(decide({ ...DEFAULT_SETTINGS })).toEqual([]);
  });

  it('400: null is refused, because nothing stands behind the installation', () => {
    expect(() => decide({ neverExpires: null })).toThrow(refusal('validation_failed', 'neverExpires'));
  });

  it('403: nobody but an instance admin changes them', () => {
    for (const caller of [
      asUser(ADA, { instanceRoles: ['auditor', 'billing'] }),
      asUser(ADA, { roles: { [ACME]: 'admin' } }),
    ]) {
      expect(() => decide({}, caller)).toThrow(refusal('permission_denied'));
    }
  });
});
