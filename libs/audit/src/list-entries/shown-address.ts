import { isIP } from 'node:net';

/**
 * An address as an entry shows it: null where something else was recorded. A caller of the check says itself where a use
 * came from, and refusals are counted together for those who did not say.
 */
export function shownAddress(recorded: string | null): string | null {
  return recorded !== null && isIP(recorded) !== 0 ? recorded : null;
}
