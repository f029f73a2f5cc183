export { type DirectoryParts, DirectoryState } from './directory-state.js';
export type { FoldedEvent } from './folded-event.js';
export { HANDLE } from './handle.js';
export { evolveOrganization, initialOrganization, isLastAdmin, type Organization } from './organization.js';
export {
  effectiveSettings,
  evolveOwnerSettings,
  evolveSettings,
  initialSettings,
  NO_OWNER_SETTINGS,
  type OwnerSettings,
  type SettingName,
  type SettingsPatch,
  type SettingValue,
} from './settings.js';
export { evolveUser, initialUser, type User } from './user.js';
