interface MediaRange {
  /** A media type, all of a kind (`text/*`), or all (`*` for both). */
  readonly range: string;
  readonly weight: number;
}

/** 0 to 1, with at most three decimal places. */
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const RANGE = /^(?:\*\/\*|[^\s/*]+\/(?:\*|[^\s/*]+))$/;

/**
 * Which of the offered media types an `Accept` header prefers (RFC 9110, 12.5.1): the one with the greatest weight, then
 * the one that it names rather than the one in a range, then the one that it names first, then the first one offered.
 * The first one offered too where it accepts none: a page that somebody can read after all is worth more than a refusal.
 * Parameters other than the weight tell nothing apart.
 */
export function preferredMediaType<Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  const ranges = (accept ?? '')
    .split(',')
    .map(mediaRangeOf)
    .filter((range) => range !== null);
  let best = { type: offered[0], weight: 0, width: Infinity, place: Infinity };
  for (const type of offered) {
    const fit = fitOf(type, ranges);
    if (fit !== null && isBetter(fit, best)) best = { type, ...fit };
  }
  return best.type;
}

interface Fit {
  readonly weight: number;
  /** 0: named; 1: in a range of its kind; 2: in the range of all. */
  readonly width: number;
  /** Of the range in the header. */
  readonly place: number;
}

/** How the narrowest range that covers it takes a type; null where none does. */
function fitOf(type: string, ranges: readonly MediaRange[]): Fit | null {
  const kind = type.slice(0, type.indexOf('/'));
  for (const [width, name] of [type, `${kind}/*`, '*/*'].entries()) {
    const place = ranges.findIndex(({ range }) => range === name);
    const found = ranges[place];
    if (found !== undefined) return { weight: found.weight, width, place };
  }
  return null;
}

function isBetter(one: Fit, other: Fit): boolean {
  if (one.weight !== other.weight) return one.weight > other.weight;
  if (one.weight === 0) return false;
  return one.width === other.width ? one.place < other.place : one.width < other.width;
}

/** Null for what is none, or has a weight that is none. */
function mediaRangeOf(text: string): MediaRange | null {
  const [range = '', ...parameters] = text
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice('q='.length) ?? '1';
  return RANGE.test(range) && WEIGHT.test(weight) ? { range, weight: Number(weight) } : null;
}
