export { DirectoryModule } from './directory.module.js';
export { DIRECTORY_ENTITIES, DIRECTORY_PROJECTIONS } from './read-model/directory-read-model.js';
export { DirectoryReadModels1764000002000 } from './read-model/directory-read-models.js';
export { MembershipEntity } from './read-model/membership.entity.js';
export { OrganizationEntity } from './read-model/organization.entity.js';
export { SettingsEntity } from './read-model/settings.entity.js';
export { UserEntity } from './read-model/user.entity.js';
