import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_SETTINGS, type EventData, type Fact, type LedgerSettings, type TokenType } from '#libs/contracts';
import {
  effectiveSettings,
  evolveOwnerSettings,
  evolveSettings,
  flatten,
  isWider,
  NO_OWNER_SETTINGS,
  type OwnerSettings,
  type SettingName,
  type SettingsPatch,
} from './settings.js';
import { changeOwnerSettings, changeSettings } from './settings-change.js';

const OWNER = 'org_01JD00000000000000000ACME0';
const TYPES = Object.keys(DEFAULT_SETTINGS.maxActiveTokens) as TokenType[];

const limit = fc.integer({ min: 0, max: 100_000 });
const days = fc.integer({ min: 1, max: 365 });
const limits = fc.record(Object.fromEntries(TYPES.map((type) => [type, limit])) as Record<TokenType, typeof limit>);
const installations: fc.Arbitrary<LedgerSettings> = fc.record({
  maxActiveTokens: limits,
  maxLifetimeDays: fc.integer({ min: 1, max: 3650 }),
  neverExpires: fc.constantFrom('with_reason' as const, 'forbidden' as const),
  unusedAfterDays: days,
  neverUsedAfterDays: days,
});
const patches: fc.Arbitrary<SettingsPatch> = fc.record(
  {
    maxActiveTokens: fc.record({ personal: fc.option(limit), organization: fc.option(limit) }, { requiredKeys: [] }),
    maxLifetimeDays: fc.option(fc.integer({ min: 1, max: 3650 })),
    neverExpires: fc.option(fc.constantFrom('with_reason' as const, 'forbidden' as const)),
    unusedAfterDays: fc.option(days),
  },
  { requiredKeys: [] },
);

/** The owner's settings after a wish; as they were when it is refused. */
function afterWish(installation: LedgerSettings, current: OwnerSettings, patch: SettingsPatch, mayExceed: boolean) {
  try {
    return fold(current, changeOwnerSettings({ owner: OWNER, current, installation, patch, mayExceed }));
  } catch {
    return current;
  }
}

function fold(current: OwnerSettings, facts: readonly Fact<'PolicyChanged'>[]): OwnerSettings {
  return facts.reduce((state, { data }) => evolveOwnerSettings(state, data), current);
}

function widerNames(settings: LedgerSettings, bound: LedgerSettings): SettingName[] {
  const [values, bounds] = [flatten(settings), flatten(bound)];
  return (Object.keys(values) as SettingName[]).filter((name) => isWider(name, values[name], bounds[name]));
}

describe('settings in force', () => {
  it('are those of the installation where the owner has none of its own', () => {
    fc.assert(
      fc.property(installations, (installation) => {
        expect(effectiveSettings(installation, NO_OWNER_SETTINGS)).toEqual(installation);
      }),
    );
  });

  it('are never wider than the installation, whatever its settings are later, unless an instance admin allowed it', () => {
    fc.assert(
      fc.property(installations, installations, fc.array(patches), (before, later, wishes) => {
        const own = wishes.reduce((state, patch) => afterWish(before, state, patch, false), NO_OWNER_SETTINGS);
        expect(widerNames(effectiveSettings(later, own), later)).toEqual([]);
      }),
    );
  });

  it('are never widened by an admin of the organization beyond what an instance admin allowed', () => {
    fc.assert(
      fc.property(installations, patches, patches, (installation, allowed, wish) => {
        const own = afterWish(installation, NO_OWNER_SETTINGS, allowed, true);
        const after = effectiveSettings(installation, afterWish(installation, own, wish, false));
        const bound = effectiveSettings(installation, own);
        const beyond = widerNames(after, bound).filter((name) => widerNames(after, installation).includes(name));
        expect(beyond).toEqual([]);
      }),
    );
  });

  it('are what an instance admin wished for, all of it', () => {
    fc.assert(
      fc.property(installations, patches, (installation, patch) => {
        const own = afterWish(installation, NO_OWNER_SETTINGS, patch, true);
        const inForce = effectiveSettings(installation, own);
        const asked = { ...installation.maxActiveTokens, ...withoutNull(patch.maxActiveTokens ?? {}) };
        const { maxActiveTokens: _limits, ...others } = patch;
        expect(inForce).toEqual({ ...installation, ...withoutNull(others), maxActiveTokens: asked });
      }),
    );
  });

  it('keep an exception when they or the installation are narrowed, and lose it with a value within the bounds', () => {
    const wide = fold(
      NO_OWNER_SETTINGS,
      changeOwnerSettings({
        owner: OWNER,
        current: NO_OWNER_SETTINGS,
        installation: DEFAULT_SETTINGS,
        patch: { maxLifetimeDays: 700 },
        mayExceed: true,
      }),
    );
    const lowered = afterWish(DEFAULT_SETTINGS, wide, { maxLifetimeDays: 600 }, false);
    expect(effectiveSettings(DEFAULT_SETTINGS, lowered).maxLifetimeDays).toBe(600);
    const narrowed = { ...DEFAULT_SETTINGS, maxLifetimeDays: 30 };
    expect(effectiveSettings(narrowed, wide).maxLifetimeDays).toBe(700);
    const within = afterWish(narrowed, wide, { maxLifetimeDays: 20 }, false);
    expect(within).toEqual({ overrides: { maxLifetimeDays: 20 }, exceptions: [] });
  });
});

describe('the settings of the installation', () => {
  it('are what was wished for, after the change is folded', () => {
    fc.assert(
      fc.property(installations, installations, (before, wished) => {
        const facts = changeSettings(before, wished);
        const after = facts.reduce((state, { data }) => evolveSettings(state, data), before);
        expect(after).toEqual(wished);
        expect(changeSettings(after, wished)).toEqual([]);
      }),
    );
  });

  it('stand beside settings that this version does not know', () => {
    const policy: EventData<'PolicyChanged'> = { scope: 'installation', changes: { later: { before: 1, after: 2 } } };
    expect(evolveSettings(DEFAULT_SETTINGS, policy)).toEqual(DEFAULT_SETTINGS);
  });
});

function withoutNull(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}
