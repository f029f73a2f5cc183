import type { ApiClient } from './api-client.js';
import { eachOf } from './each-of.js';
import type { Population } from './population.js';
import { BenchmarkFailed } from './run-benchmark.js';

/** What the ledger says of itself after a run. All uses cost one credit, so all four are the same number. */
export interface Exactness {
  readonly creditsGone: number;
  readonly charges: number;
  readonly chargedUses: number;
  readonly uses: number;
}

const PAGE = 1000;
const WIDTH = 8;

/**
 * Compares what is gone from the balances with the charges of the feeds and with the uses of the tokens: each through
 * another read model. `acknowledged` uses were answered; those under way when a load ended may have been charged too,
 * `unanswered` at most. Throws BenchmarkFailed when anything is missing or too much.
 */
export async function checkExactness(
  admin: ApiClient,
  population: Population,
  { acknowledged, unanswered }: { readonly acknowledged: number; readonly unanswered: number },
): Promise<Exactness> {
  const gone = await eachOf(population.organizations, WIDTH, async ({ uid, granted }) => {
    const { balance } = await admin.get(`/v1/accounts/${uid}`);
    return Number(granted - BigInt(balance as string));
  });
  const feeds = await eachOf(population.organizations, WIDTH, ({ uid }) => readFeed(admin, uid));
  const uses = await eachOf(population.tokens, WIDTH, ({ uid }) => acceptedUses(admin, uid));
  const found: Exactness = {
    creditsGone: sum(gone),
    charges: sum(feeds.map(({ charges }) => charges)),
    chargedUses: sum(feeds.map(({ uses: ids }) => ids)),
    uses: sum(uses),
  };
  const { creditsGone, charges, chargedUses } = found;
  if (charges !== creditsGone || charges !== chargedUses || charges !== found.uses) {
    throw new BenchmarkFailed(`the ledger is not exact: ${JSON.stringify(found)}`);
  }
  if (charges < acknowledged || charges > acknowledged + unanswered) {
    throw new BenchmarkFailed(`${acknowledged} uses were answered and ${charges} charged`);
  }
  return found;
}

interface ChargeEvent {
  readonly sequence: string;
  readonly data: { readonly useId: string; readonly amount: string };
}

/** Reads a feed from its start and checks that its sequence has no gap. */
async function readFeed(admin: ApiClient, uid: string): Promise<{ charges: number; uses: number }> {
  const useIds = new Set<string>();
  let charges = 0;
  let path = `/v1/organizations/${uid}/charges?limit=${PAGE}`;
  for (;;) {
    const { answer, headers } = await admin.exchange('GET', path);
    const events = answer as readonly ChargeEvent[];
    for (const { sequence, data } of events) {
      charges += 1;
      useIds.add(data.useId);
      if (Number(sequence) !== charges) throw new BenchmarkFailed(`${uid}: charge ${charges} has sequence ${sequence}`);
    }
    if (events.length < PAGE) return { charges, uses: useIds.size };
    path = nextOf(headers, admin.url);
  }
}

/** The path of `Link: <…>; rel="next"`. */
function nextOf(headers: Headers, base: string): string {
  const target = /<([^>]+)>;\s*rel="next"/.exec(headers.get('link') ?? '')?.[1];
  if (target === undefined) throw new BenchmarkFailed('the feed has no link to its next page');
  const { pathname, search } = new URL(target, base);
  return pathname + search;
}

async function acceptedUses(admin: ApiClient, tokenUid: string): Promise<number> {
  const { data } = await admin.get(`/v1/tokens/${tokenUid}/usage?by=day`);
  return sum((data as { byOutcome: Record<string, number> }[]).map(({ byOutcome }) => byOutcome['valid'] ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
