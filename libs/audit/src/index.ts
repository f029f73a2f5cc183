export { AuditModule } from './audit.module.js';
export { auditEntriesProjection } from './record-entries/audit-entries.projection.js';
export { AuditEntryRow } from './record-entries/audit-entry-row.entity.js';
export { AuditReadModels1764000004000 } from './record-entries/audit-read-models.migration.js';
