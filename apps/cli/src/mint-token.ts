import { randomBytes } from 'node:crypto';
import { readSettings } from '#libs/config';
import { drawTokenString, KIND_OF_TYPE, type TokenKind } from '#libs/tokens/domain';
import { UsageError } from './usage-error.js';

const KINDS = new Map<string, TokenKind>(Object.entries(KIND_OF_TYPE));

/**
 * A fresh token string of the brand that is set. No ledger knows it until it is given to one. The answer is a secret.
 * Throws UsageError for a type of token that there is not, InvalidSettings for a brand that cannot be used.
 */
export function mintToken(type: string, env: Readonly<Record<string, string | undefined>>): string {
  const kind = KINDS.get(type);
  if (kind === undefined) {
    throw new UsageError(`There is no type of token "${type}". There are: ${[...KINDS.keys()].join(', ')}.`);
  }
  return drawTokenString(readSettings(env).brand, kind, randomBytes).text;
}
