import { type Fact, type LedgerSettings, refuseField } from '#libs/contracts';
import {
  effectiveSettings,
  flatten,
  isWider,
  namedIn,
  type OwnerSettings,
  type SettingName,
  type SettingsPatch,
  type SettingValue,
} from './settings.js';

type Changes = Record<string, { before: unknown; after: unknown }>;

/** What the change of an owner's settings is decided on. */
export interface OwnerSettingsWish {
  /** Uid of the user or organization. */
  readonly owner: string;
  readonly current: OwnerSettings;
  readonly installation: LedgerSettings;
  readonly patch: SettingsPatch;
  /** An instance admin asks: the only one who may go beyond the installation's settings. */
  readonly mayExceed: boolean;
}

/**
 * The change of an owner's settings; nothing when nothing differs. Refuses (`validation_failed`, naming the setting) a
 * value wider than both the installation's and what is in force for the owner now.
 */
export function changeOwnerSettings(wish: OwnerSettingsWish): Fact<'PolicyChanged'>[] {
  const { current, installation } = wish;
  const bounds = flatten(installation);
  const inForce = flatten(effectiveSettings(installation, current));
  const exceptions = new Set(current.exceptions);
  const changes: Changes = {};
  for (const [name, after] of namedIn(wish.patch)) {
    const exceeds = after !== null && isWider(name, after, bounds[name]);
    if (exceeds && !wish.mayExceed && isWider(name, after, inForce[name])) throw tooWide(name, inForce[name]);
    const before = current.overrides[name] ?? null;
    if (before !== after) changes[name] = { before, after };
    if (exceeds) exceptions.add(name);
    else exceptions.delete(name);
  }
  const allowed = [...exceptions].sort();
  if (allowed.join() !== current.exceptions.join()) {
    changes['exceptions'] = { before: current.exceptions, after: allowed };
  }
  return policyChanged(wish.owner, changes);
}

/** The change of the installation's settings; nothing when nothing differs. Refuses null: there is nothing behind it. */
export function changeSettings(current: LedgerSettings, patch: SettingsPatch): Fact<'PolicyChanged'>[] {
  const values = flatten(current);
  const changes: Changes = {};
  for (const [name, after] of namedIn(patch)) {
    if (after === null) throw refuseField(name, 'the installation has a value for each setting');
    if (values[name] !== after) changes[name] = { before: values[name], after };
  }
  return policyChanged('installation', changes);
}

function policyChanged(scope: string, changes: Changes): Fact<'PolicyChanged'>[] {
  return Object.keys(changes).length === 0 ? [] : [{ type: 'PolicyChanged', data: { scope, changes } }];
}

function tooWide(name: SettingName, bound: SettingValue): Error {
  const message = typeof bound === 'number' ? `must be at most ${bound}` : `must be ${bound}`;
  return refuseField(`settings.${name}`, `${message}; only an instance admin may allow more`);
}
