export { type InstallationSecrets, InvalidSecretsFile, openSecretsFile } from './secrets-file.js';
export { InvalidSettings, readSettings, SETTING_DEFAULTS, SETTING_NAMES, type Settings } from './settings.js';
