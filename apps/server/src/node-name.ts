import { hostname } from 'node:os';
import type { Settings } from '#libs/config';

const LENGTH_MAX = 24;

/** Name of this process in usage streams: the operator's, or one made of the host's. */
export function nodeNameOf({ node }: Pick<Settings, 'node'>, host = hostname()): string {
  if (node !== null) return node;
  const name = host.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  // Its end: hosts of one kind, as the pods of a deployment, begin alike.
  return name.slice(-LENGTH_MAX) || 'node';
}
