import type { EventType } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { termsProjection } from '#libs/projections';
import { ROW_TYPES } from './audit-entries.projection.js';
import {
  COMMON_TYPES,
  type CommonType,
  isCommon,
  minuteOf,
  occurredAtOf,
  tenMinutesOf,
  termsOf,
} from '../domain/index.js';

/**
 * Positions of one block of `audit_terms`. A page of a token that is seldom used reads a block for each of its entries,
 * so a block is small; a larger one would save little, because most rows are those of such tokens.
 */
export const TERM_BLOCK = 64;

/**
 * Positions of one block of `audit_minutes`: a multiple of the other, so that minutes name whole stretches of its blocks.
 * At the edge of a time up to so many events are read in vain, on every page that begins there.
 */
export const MINUTE_BLOCK = 8 * TERM_BLOCK;

/**
 * Positions of one block of `audit_entry_spans`: rows at the edge of a time are read in vain, as many as there are in a
 * block. Few where nearly all events are uses, and still few where none is.
 */
export const ENTRY_SPAN_BLOCK = 16 * TERM_BLOCK;

const partitionOf = (event: RecordedEvent): string => event.stream;

/** Where in the log common events of a token, a person, an organization, an address or a type stand. */
export const auditTermsProjection = termsProjection<CommonType>({
  name: 'audit-terms',
  tableName: 'audit_terms',
  blockSize: TERM_BLOCK,
  handles: COMMON_TYPES,
  partitionOf,
  terms: (event) => (isCommon(event) ? termsOf(event) : []),
});

/** Where in the log common events of a minute stand. */
export const auditMinutesProjection = termsProjection<CommonType>({
  name: 'audit-minutes',
  tableName: 'audit_minutes',
  blockSize: MINUTE_BLOCK,
  handles: COMMON_TYPES,
  partitionOf,
  terms: (event) => (isCommon(event) ? [minuteOf(occurredAtOf(event))] : []),
});

/** Where in the log rare events of ten minutes stand, of which the audit log keeps rows. */
export const auditEntrySpansProjection = termsProjection<EventType>({
  name: 'audit-entry-spans',
  tableName: 'audit_entry_spans',
  blockSize: ENTRY_SPAN_BLOCK,
  handles: ROW_TYPES,
  partitionOf,
  terms: (event) => (isCommon(event) ? [] : [tenMinutesOf(occurredAtOf(event))]),
});
