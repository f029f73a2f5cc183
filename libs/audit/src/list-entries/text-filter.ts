import type { MayOmit } from '#libs/event-log';
import { SPAN_MS, SPAN_PREFIX } from '../domain/index.js';
import { askedSpans } from './asked-spans.js';
import type { EntryConditions } from './entry-conditions.js';

/** Texts that stand in JSON as they are. */
const PLAIN = /^[\w.:-]+$/;
/** More spans than these are not looked for one by one. */
const SPANS_MAX = 24;
const OCCURRED_AT = '"occurredAt":"';

/**
 * Tells of an event's text that it cannot be selected by the conditions: nearly all events of a block are of others, and
 * to look for a uid in a text costs a fraction of parsing it. What it lets pass is still to be looked at. Undefined where
 * the conditions ask for nothing that a text would show.
 */
export function textFilter(conditions: EntryConditions): MayOmit | undefined {
  const texts = textsOf(conditions);
  const spans = spansOf(conditions);
  if (texts.length === 0 && spans === null) return undefined;
  return (text) => {
    for (const wanted of texts) if (!text.includes(wanted)) return true;
    // An event that does not say when it occurred did so when it was recorded, which its text does not say.
    return spans !== null && text.includes(OCCURRED_AT) && !spans.some((span) => text.includes(span));
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

/** The beginnings of all instants between `from` and `to`, as far as their spans; null where these are many, or open. */
function spansOf(conditions: EntryConditions): string[] | null {
  const [first, last] = askedSpans(conditions) ?? [null, null];
  if (first === null || last === null || last - first >= SPANS_MAX) return null;
  const spans: string[] = [];
  for (let span = first; span <= last; span += 1) {
    spans.push(OCCURRED_AT + new Date(span * SPAN_MS).toISOString().slice(0, SPAN_PREFIX));
  }
  return spans;
}
