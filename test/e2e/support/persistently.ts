import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_MS = 200;

/**
 * Makes an attempt again until it succeeds, as whoever runs a ledger does while what that needs is away. Once `isOver`,
 * fails as the last attempt did.
 */
export async function persistently<T>(attempt: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (isOver()) throw error;
      await pause(BETWEEN_MS);
    }
  }
}
