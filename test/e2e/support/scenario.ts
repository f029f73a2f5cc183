import { randomUUID } from 'node:crypto';
import type { LedgerClient, Loose, Reply } from './ledger-client.js';

/** Fails with the whole answer when a step of a scenario did not go as it must. */
export function expectStatus(reply: Reply, status: number): Loose {
  if (reply.status !== status) throw new Error(`expected ${status}, got ${reply.status}: ${reply.text}`);
  return reply.body;
}

let counter = 0;
const unique = (base: string) => `${base}-${(counter += 1)}${randomUUID().slice(0, 6)}`;

/** Steps that most acceptance tests begin with, each through the API as an admin. */
export class Scenario {
  constructor(readonly admin: LedgerClient) {}

  async user(base = 'user'): Promise<{ uid: string; handle: string }> {
    const handle = unique(base);
    return expectStatus(await this.admin.post('/v1/users', { handle, email: `${handle}@example.com` }), 201);
  }

  async organization(base = 'org'): Promise<{ uid: string; handle: string }> {
    return expectStatus(await this.admin.post('/v1/organizations', { handle: unique(base) }), 201);
  }

  async member(organizationUid: string, userUid: string, role = 'developer'): Promise<void> {
    expectStatus(await this.admin.put(`/v1/organizations/${organizationUid}/members/${userUid}`, { role }), 200);
  }

  async personalToken(userUid: string, more: object = {}): Promise<{ token: Loose; secret: string }> {
    const body = { type: 'personal', name: 'test', owner: { user: userUid }, ...access(more), ...more };
    return expectStatus(await this.admin.post('/v1/tokens', body), 201);
  }

  async organizationToken(organizationUid: string, more: object = {}): Promise<{ token: Loose; secret: string }> {
    const body = {
      type: 'organization',
      name: 'test',
      owner: { organization: organizationUid },
      ...access(more),
      ...more,
    };
    return expectStatus(await this.admin.post('/v1/tokens', body), 201);
  }

  async grant(accountUid: string, amount: string): Promise<Loose> {
    const body = { amount, kind: 'paid', reason: 'test' };
    const reply = await this.admin.post(`/v1/accounts/${accountUid}/grants`, body, { 'idempotency-key': randomUUID() });
    return expectStatus(reply, 201);
  }

  async verify(secret: string, more: object = {}): Promise<Loose> {
    return expectStatus(await this.admin.post('/v1/verify', { token: secret, ...more }), 200);
  }

  async balance(accountUid: string): Promise<string> {
    return expectStatus(await this.admin.get(`/v1/accounts/${accountUid}`), 200).balance;
  }

  async entries(query: string): Promise<Loose[]> {
    return expectStatus(await this.admin.get(`/v1/audit/entries?${query}`), 200).data;
  }
}

function access(more: object): object {
  return 'access' in more ? {} : { access: { operations: true, endpoints: 'all' } };
}
