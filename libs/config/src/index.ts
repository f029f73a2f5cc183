export { type InstallationSecrets, InvalidSecretsFile, openSecretsFile, readSecrets } from './secrets-file.js';
export {
  InvalidSettings,
  readSettings,
  type Role,
  ROLES,
  SETTING_DEFAULTS,
  SETTING_NAMES,
  type Settings,
} from './settings.js';
