/** Pairs of `application/x-www-form-urlencoded` text, in order; null where it is not well-formed. */
export function formPairs(text: string): (readonly [string, string])[] | null {
  const pairs: (readonly [string, string])[] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decodeStrictly(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? '' : decodeStrictly(part.slice(equals + 1));
    if (name === null || value === null) return null;
    pairs.push([name, value]);
  }
  return pairs;
}

/** The text behind percent escapes; null when an escape is broken, not UTF-8, or a NUL. Half surrogates are not UTF-8. */
export function decodeStrictly(text: string): string | null {
  try {
    const decoded = decodeURIComponent(text.replaceAll('+', ' '));
    return decoded.includes('\u0000') ? null : decoded;
  } catch {
    return null;
  }
}

/** The first name that stands there twice; null when none does. */
export function repeatedName(pairs: readonly (readonly [string, string])[]): string | null {
  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}
