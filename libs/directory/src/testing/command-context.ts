import type { CommandContext, Principal } from '#libs/contracts';
import { SeededIds } from '#libs/kernel';

const AT = Date.parse('2026-11-25T08:00:00.000Z');

/** The context of a command of the caller. The same seed is the same command, sent again. */
export function contextOf(caller: Principal, seed: string, at = AT): CommandContext {
  return {
    actor: caller.actor,
    credential: caller.token.uid,
    requestId: `request-${seed}`,
    correlationId: `request-${seed}`,
    at,
    ids: new SeededIds(seed, at),
  };
}
