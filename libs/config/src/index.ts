export { type InstallationSecrets, InvalidSecretsFile, openSecretsFile } from './secrets-file.js';
export { InvalidSettings, readSettings, type Settings } from './settings.js';
