import type { MayOmit } from '#libs/event-log';
import { HOUR_MS } from '#libs/kernel';
import { askedHours } from './asked-hours.js';
import type { EntryConditions } from './entry-conditions.js';

/** Texts that stand in JSON as they are. */
const PLAIN = /^[\w.:-]+$/;
/** More hours than these are not looked for one by one. */
const HOURS_MAX = 24;
const OCCURRED_AT = '"occurredAt":"';

/**
 * Tells of an event's text that it cannot be selected by the conditions: nearly all events of a block are of others, and
 * to look for a uid in a text costs a fraction of parsing it. What it lets pass is still to be looked at. Undefined where
 * the conditions ask for nothing that a text would show.
 */
export function textFilter(conditions: EntryConditions): MayOmit | undefined {
  const texts = textsOf(conditions);
  const hours = hoursOf(conditions);
  if (texts.length === 0 && hours === null) return undefined;
  return (text) => {
    for (const wanted of texts) if (!text.includes(wanted)) return true;
    // An event that does not say when it occurred did so when it was recorded, which its text does not say.
    return hours !== null && text.includes(OCCURRED_AT) && !hours.some((hour) => text.includes(hour));
  };
}

function textsOf({ token, actor, organization, ip, action, outcome }: EntryConditions): string[] {
  const type = outcome === 'denied' ? 'TokenUseDenied' : action;
  const values = [token, organization, ip, actor === 'system' ? undefined : actor].filter(isPlain);
  return isPlain(type) ? [...values, `"type":"${type}"`] : values;
}

function isPlain(text: string | undefined): text is string {
  return text !== undefined && PLAIN.test(text);
}

/** The beginnings of all instants between `from` and `to`, as far as their hours; null where these are many, or open. */
function hoursOf(conditions: EntryConditions): string[] | null {
  const [first, last] = askedHours(conditions) ?? [null, null];
  if (first === null || last === null || last - first >= HOURS_MAX) return null;
  const hours: string[] = [];
  for (let hour = first; hour <= last; hour += 1) {
    hours.push(OCCURRED_AT + new Date(hour * HOUR_MS).toISOString().slice(0, 'yyyy-mm-ddThh'.length));
  }
  return hours;
}
