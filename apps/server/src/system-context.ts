import type { Actor, CommandContext } from '#libs/contracts';
import { type Clock, RandomIds } from '#libs/kernel';

/** Context of what the server does by itself, without a caller. */
export function systemContext(clock: Clock, actor: Actor = { type: 'system', uid: 'system' }): CommandContext {
  const ids = new RandomIds(() => clock.now());
  const requestId = ids.uid('req');
  return { actor, requestId, correlationId: requestId, at: clock.now(), ids };
}
