import type { Fact } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { CommonType } from './common-events.js';
import type { AuditedEvent } from './entry-traits.js';
import { type CommonData, organizationOf } from './subject-of.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A term of the index: FNV-1a of the text as a signed integer of 32 bits. Texts that share a term are told apart when
 * the events are looked at. Uids, addresses and event types never look alike, so none needs the name of its filter.
 */
export function termOf(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash | 0;
}

/**
 * The term under which the refused uses of a token, a person, an organization or an address stand: they are few among
 * what it did, and asked for by themselves.
 */
export function refusalTermOf(text: string): number {
  return termOf(`${REFUSED}:${text}`);
}

const REFUSED: CommonType = 'TokenUseDenied';

const actionTerms = new Map<string, number>();

/** Terms of an event: its type, and everything by which it may be filtered or shown to somebody. */
export function termsOf({ type, data, metadata }: AuditedEvent): number[] {
  const { tokenUid, owner, ip } = data as CommonData;
  let action = actionTerms.get(type);
  if (action === undefined) actionTerms.set(type, (action = termOf(type)));
  const actorUid = metadata['actorUid'] ?? 'system';
  const texts = [actorUid];
  if (typeof tokenUid === 'string') texts.push(tokenUid);
  const organization = organizationOf({ type, data } as Fact, data as CommonData);
  if (organization !== null) texts.push(organization);
  const ownerUid = owner?.uid ?? null;
  if (ownerUid !== null && ownerUid !== organization && ownerUid !== actorUid) texts.push(ownerUid);
  const address = ip ?? metadata['ip'] ?? null;
  if (address !== null) texts.push(address);
  const terms = [action];
  for (const text of texts) terms.push(termOf(text));
  if (type === REFUSED) for (const text of texts) terms.push(refusalTermOf(text));
  return terms;
}

/**
 * The unit by which the time of events is indexed, in ms. At both ends of a time that is asked for, what else its unit
 * holds is read in vain: half a unit on average. With units of an hour that was half of the work of a list of an hour.
 */
export const SPAN_MS = 600_000;
/** Characters of an instant that name its span: ten minutes are told by a digit. */
export const SPAN_PREFIX = 'yyyy-mm-ddThh:m'.length;

let lastSpan = { prefix: '-', number: 0 };

/** The span of an RFC 3339 instant, counted from 1970. Most events are of the span of the one before. */
export function spanOf(instant: string): number {
  if (instant.startsWith(lastSpan.prefix) && instant.endsWith('Z')) return lastSpan.number;
  const epochMs = Date.parse(instant);
  assert(Number.isFinite(epochMs), 'an event knows when it occurred');
  const number = Math.floor(epochMs / SPAN_MS);
  if (instant.endsWith('Z')) lastSpan = { prefix: instant.slice(0, SPAN_PREFIX), number };
  return number;
}

/** The span in which an event occurred, as the one term by which its time is found. */
export function spanTermsOf({ metadata, recordedAt }: AuditedEvent): number[] {
  return [spanOf(metadata['occurredAt'] ?? recordedAt)];
}
