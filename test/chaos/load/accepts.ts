import { setTimeout as pause } from 'node:timers/promises';
import type { Population } from './population.js';
import type { Wire } from './wire.js';

const ASK_AGAIN_MS = 50;

/** Whether a server accepts a charged use, asked again until `until` on the monotonic clock. */
export async function accepts(wire: Wire, population: Population, until: number): Promise<boolean> {
  // One whose account has credits for ever: a refusal for want of credits would say nothing.
  const token = population.tokens.find(({ account }) => account === population.accounts[1])!;
  const headers = { 'x-ledger-cost': '1', 'x-ledger-operation': 'is it well again' };
  while (performance.now() < until) {
    const call = { method: 'GET', path: '/v1/authorize', token: token.secret, headers };
    if ((await wire.call(call)).status === 200) return true;
    await pause(ASK_AGAIN_MS);
  }
  return false;
}
