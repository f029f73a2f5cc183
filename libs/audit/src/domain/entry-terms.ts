import type { Fact } from '#libs/contracts';
import { assert, MINUTE_MS } from '#libs/kernel';
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

/** Terms are integers of 32 bits: all minutes from the year 6053 on are one. */
const MINUTE_MAX = 2 ** 31 - 1;
/** Rare events are indexed by so many minutes: few stand in them, and a row for each minute would be many. */
const MINUTES_OF_RARE = 10;

let lastMinute = { prefix: '-', number: 0 };

/**
 * The minute of an RFC 3339 instant in UTC, counted from 1970: the unit by which the time of common events is indexed. At
 * both ends of a time that is asked for, what else its unit holds is read in vain: of a busy ledger some hundred events
 * with minutes, and five thousand with hours. Most events are of the minute of the one before.
 */
export function minuteOf(instant: string): number {
  if (instant.startsWith(lastMinute.prefix) && instant.endsWith('Z')) return lastMinute.number;
  const epochMs = Date.parse(instant);
  assert(Number.isFinite(epochMs), 'an event knows when it occurred');
  const number = Math.min(Math.floor(epochMs / MINUTE_MS), MINUTE_MAX);
  if (instant.endsWith('Z')) lastMinute = { prefix: instant.slice(0, 'yyyy-mm-ddThh:mm'.length), number };
  return number;
}

/** The ten minutes that hold an instant, counted from 1970. */
export function tenMinutesOf(instant: string): number {
  return Math.floor(minuteOf(instant) / MINUTES_OF_RARE);
}
