import type { Projection } from '#libs/projections';
import { auditEntriesProjection } from './audit-entries.projection.js';
import { AuditEntryRow } from './audit-entry-row.entity.js';
import { auditEntrySpansProjection, auditMinutesProjection, auditTermsProjection } from './audit-terms.projection.js';

/** Entities for the app's DataSource. */
export const AUDIT_ENTITIES = [AuditEntryRow] as const;

/** Projections for the engine; they fill the tables of the migrations beside this file. */
export const AUDIT_PROJECTIONS: readonly Projection[] = [
  auditEntriesProjection,
  auditTermsProjection,
  auditMinutesProjection,
  auditEntrySpansProjection,
];
