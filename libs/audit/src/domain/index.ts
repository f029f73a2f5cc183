export type { AuditEntry } from './audit-entry.js';
export { COMMON_TYPES, type CommonType, isCommon } from './common-events.js';
export { minuteOf, refusalTermOf, tenMinutesOf, termOf, termsOf } from './entry-terms.js';
export { type AuditedEvent, type EntryTraits, occurredAtOf, traitsOf } from './entry-traits.js';
export { shownChanges } from './shown-changes.js';
export { type Subject, subjectOf } from './subject-of.js';
