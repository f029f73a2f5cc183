import { HOUR_MS } from '#libs/kernel';
import type { ApiClient } from './api-client.js';
import { Dice } from './dice.js';
import { HISTORY_MS, type MassHistory } from './mass-history.js';
import { percentileOf } from './statistics.js';

/** How long one kind of query took, in ms. */
export interface QueryTimes {
  readonly query: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
}

const SEED = 11;
const PAGE = 'limit=50';

type Draw = (history: MassHistory, dice: Dice) => string;

const tokenOf: Draw = ({ tokens }, dice) => dice.pick(tokens).uid;
const organizationOf: Draw = ({ organizationUids }, dice) => dice.pick(organizationUids);
const hourOf: Draw = ({ from }, dice) => {
  const start = from + dice.roll() * (HISTORY_MS - HOUR_MS);
  return `from=${new Date(start).toISOString()}&to=${new Date(start + HOUR_MS).toISOString()}`;
};
const wholeOf: Draw = ({ from, to }) => `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;

/** Listings and audit queries as consoles make them; what they ask for is drawn anew each time. */
const QUERIES: Readonly<Record<string, Draw>> = {
  'tokens, newest': () => `/v1/tokens?${PAGE}`,
  'tokens of an owner': (history, dice) => `/v1/tokens?owner=${organizationOf(history, dice)}&${PAGE}`,
  'tokens, active, by last use': () => `/v1/tokens?status=active&sort=-lastUsedAt&${PAGE}`,
  'tokens by a text in their name': (_, dice) => `/v1/tokens?q=berth%20${dice.upTo(400)}&${PAGE}`,
  'usage of a token by day, 40 days': (history, dice) =>
    `/v1/tokens/${tokenOf(history, dice)}/usage?by=day&${wholeOf(history, dice)}`,
  'charges of an organization': (history, dice) =>
    `/v1/organizations/${organizationOf(history, dice)}/charges?limit=100`,
  'all charges': () => '/v1/charges?limit=100',
  'audit, newest': () => `/v1/audit/entries?${PAGE}`,
  'audit of a token': (history, dice) => `/v1/audit/entries?token=${tokenOf(history, dice)}&${PAGE}`,
  'audit of an organization': (history, dice) =>
    `/v1/audit/entries?organization=${organizationOf(history, dice)}&${PAGE}`,
  'audit of an actor': (history, dice) => `/v1/audit/entries?actor=${organizationOf(history, dice)}&${PAGE}`,
  'audit of an address': (_, dice) => `/v1/audit/entries?ip=203.0.113.${dice.upTo(250)}&${PAGE}`,
  'audit of an hour': (history, dice) => `/v1/audit/entries?${hourOf(history, dice)}&${PAGE}`,
  'audit, refusals': () => `/v1/audit/entries?outcome=denied&${PAGE}`,
  'audit, refusals of a token': (history, dice) =>
    `/v1/audit/entries?outcome=denied&token=${tokenOf(history, dice)}&${PAGE}`,
  'audit, charges of an hour': (history, dice) =>
    `/v1/audit/entries?action=OrgCharged&${hourOf(history, dice)}&${PAGE}`,
  'audit, new tokens': () => `/v1/audit/entries?action=TokenCreated&${PAGE}`,
};

/** Asks each of them so many times, one after the other, over HTTP. */
export async function timeQueries(admin: ApiClient, history: MassHistory, times: number): Promise<QueryTimes[]> {
  const dice = new Dice(SEED);
  const measured: QueryTimes[] = [];
  for (const [query, draw] of Object.entries(QUERIES)) {
    const latencies: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const path = draw(history, dice);
      const asked = performance.now();
      await admin.get(path);
      latencies.push(performance.now() - asked);
    }
    const of = percentileOf(latencies);
    measured.push({ query, p50Ms: of(0.5), p95Ms: of(0.95), maxMs: of(1) });
  }
  return measured;
}
