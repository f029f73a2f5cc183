import { hostname } from 'node:os';
import type { Settings } from '#libs/config';

const LENGTH_MAX = 24;

/** Name of this process in usage streams: the operator's, or one made of the host's. */
export function nodeNameOf({ node }: Pick<Settings, 'node'>): string {
  if (node !== null) return node;
  const name = hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return name.slice(0, LENGTH_MAX) || 'node';
}
