import type { MayOmit } from '#libs/event-log';
import type { EntryConditions } from './entry-conditions.js';

/** Texts that stand in JSON as they are. */
const PLAIN = /^[\w.:-]+$/;
const OCCURRED_AT = '"occurredAt":"';

/**
 * Tells of an event's text that it cannot be selected by the conditions: nearly all events of a block are of others, and
 * to look for a uid in a text costs a fraction of parsing it. What it lets pass is still to be looked at. Undefined where
 * the conditions ask for nothing that a text would show.
 */
export function textFilter(conditions: EntryConditions): MayOmit | undefined {
  const texts = textsOf(conditions);
  const { from = '', to } = conditions;
  const hasTime = from !== '' || to !== undefined;
  if (texts.length === 0 && !hasTime) return undefined;
  return (text) => {
    for (const wanted of texts) if (!text.includes(wanted)) return true;
    return hasTime && isOfAnotherTime(text, from, to);
  };
}

/** Instants sort as text. An event that does not say when it occurred did so when it was recorded: its text does not say. */
function isOfAnotherTime(text: string, from: string, to: string | undefined): boolean {
  let key = text.indexOf(OCCURRED_AT);
  if (key < 0) return false;
  while (key >= 0) {
    const begin = key + OCCURRED_AT.length;
    const end = text.indexOf('"', begin);
    const instant = text.slice(begin, end);
    if (instant >= from && (to === undefined || instant < to)) return false;
    key = text.indexOf(OCCURRED_AT, end);
  }
  return true;
}

function textsOf({ token, actor, organization, ip, action, outcome }: EntryConditions): string[] {
  const type = outcome === 'denied' ? 'TokenUseDenied' : action;
  const values = [token, organization, ip, actor === 'system' ? undefined : actor].filter(isPlain);
  return isPlain(type) ? [...values, `"type":"${type}"`] : values;
}

function isPlain(text: string | undefined): text is string {
  return text !== undefined && PLAIN.test(text);
}
