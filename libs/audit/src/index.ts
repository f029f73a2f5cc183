export { AuditModule } from './audit.module.js';
export { AUDIT_ENTITIES, AUDIT_PROJECTIONS } from './record-entries/audit-read-model.js';
export { AuditReadModels1764000004000 } from './record-entries/audit-read-models.migration.js';
export { AuditSearch1764000004100 } from './record-entries/audit-search.migration.js';
export { AuditNarrowSearch1764000004200 } from './record-entries/audit-narrow-search.migration.js';
export { AuditTimes1764000004300 } from './record-entries/audit-times.migration.js';
export { AuditTokenPrefixes1764000004400 } from './record-entries/audit-token-prefixes.migration.js';
