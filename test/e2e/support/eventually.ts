import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_MS = 50;

/**
 * Asks until the answer is not null, for what the product does in its own time and offers no checkpoint to wait on.
 * Fails when the bound has passed.
 */
export async function eventually<T>(withinMs: number, ask: () => Promise<T | null>): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms`);
    await pause(BETWEEN_MS);
  }
}
