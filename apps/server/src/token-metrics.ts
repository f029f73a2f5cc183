import { Gauge, type Registry } from 'prom-client';
import { DAY_MS, type Clock } from '#libs/kernel';
import type { SecurityState } from '#libs/verification';

const WITHIN_DAYS = [1, 7, 30];
const SPANS_MS = WITHIN_DAYS.map((days) => days * DAY_MS);

/** Tokens by type and status, and those that will expire, as the fold in memory has them and the clock says. */
export function addTokenMetrics(registry: Registry, state: SecurityState, clock: Clock): void {
  const counts = oncePerTurn(() => state.tokenCounts(clock.now(), SPANS_MS));
  new Gauge({
    name: 'token_ledger_tokens',
    help: 'Tokens by status (by the clock, as lists show it) and type, those that ended included',
    labelNames: ['status', 'kind'],
    registers: [registry],
    collect() {
      for (const { type, status, count } of counts().standing) this.set({ status, kind: type }, count);
    },
  });
  new Gauge({
    name: 'token_ledger_tokens_expiring',
    help: 'Tokens, active or disabled, that expire within so many days (`1d`, `7d`, `30d`)',
    labelNames: ['within'],
    registers: [registry],
    collect() {
      const { expiring } = counts();
      for (const [index, days] of WITHIN_DAYS.entries()) this.set({ within: `${days}d` }, expiring[index] ?? 0);
    },
  });
}

/** What `read` gives, for all who ask in one turn of the event loop: a scrape asks all its metrics in one. */
function oncePerTurn<T extends object>(read: () => T): () => T {
  let found: T | null = null;
  return () => {
    if (found === null) {
      found = read();
      setImmediate(() => (found = null));
    }
    return found;
  };
}
