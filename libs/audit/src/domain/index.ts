export type { AuditEntry } from './audit-entry.js';
export { type Subject, subjectOf } from './subject-of.js';
