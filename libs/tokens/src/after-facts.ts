import { type CommandContext, type Fact, metadataOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { evolveToken } from './domain/evolve-token.js';
import type { BornToken, TokenState } from './domain/token.js';

/** The token after facts of a command, which need not be stored for that. */
export function afterFacts(state: TokenState, facts: readonly Fact[], context: CommandContext): BornToken {
  const metadata = metadataOf(context);
  const token = facts.reduce((before, fact) => evolveToken(before, { ...fact, metadata }), state);
  assert(token.phase !== 'unborn', 'a command leaves a token behind');
  return token;
}
