import type { LedgerSettings } from '#libs/contracts';

/** Knows the settings in force. Given by the app, because features do not import each other; an injection token too. */
export abstract class SettingsReader {
  /** The settings in force for tokens of this owner: a uid of a user or an organization, or `installation`. */
  abstract settingsFor(ownerUid: string): Promise<LedgerSettings>;
}
