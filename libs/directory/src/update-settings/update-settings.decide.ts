import { type Fact, hasInstanceRole, type LedgerSettings, refuse } from '#libs/contracts';
import { changeSettings } from '../domain/settings-change.js';
import type { UpdateSettings } from './update-settings.command.js';

/**
 * The change of the installation's settings; nothing when nothing differs. Refuses `permission_denied` to everybody but
 * instance admins, and `validation_failed` for null: the installation has a value for each setting.
 */
export function decideUpdateSettings(
  settings: LedgerSettings,
  { principal, patch }: UpdateSettings,
): Fact<'PolicyChanged'>[] {
  if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
  return changeSettings(settings, patch);
}
