import { isDeepStrictEqual } from 'node:util';

/**
 * The same JSON Schema, in which no object takes a field that it does not name. Readers let unknown fields pass, so that
 * a newer event can be read by an older build; what is written must name all that it holds.
 */
export function closedSchema(schema: object): object {
  const walk = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== 'object') return part;
    const copy = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, walk(value)]));
    return isObjectSchema(part) ? { ...copy, additionalProperties: false } : copy;
  };
  return walk(schema) as object;
}

function isObjectSchema(part: object): boolean {
  return 'properties' in part && 'type' in part && isDeepStrictEqual(part.type, 'object');
}
