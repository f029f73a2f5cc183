import { LedgerClient } from '../../e2e/support/ledger-client.js';
import { expectStatus, Scenario } from '../../e2e/support/scenario.js';
import type { ServerName } from '../faults/schedule.js';

/** Before every clock of a run, so that credits count on each server, whatever its clock says. */
export const ALWAYS = '2026-01-01T00:00:00Z';

export interface UsedToken {
  readonly uid: string;
  /** Kept in memory alone. */
  readonly secret: string;
  /** Account that pays for its uses. */
  readonly account: string;
  /** Organization to be named as the requester; null: the owner pays. */
  readonly requester: string | null;
}

const ORGANIZATIONS = 4;
const TOKENS_EACH = 3;

/** Who uses the ledger during a run: organizations and users with credits, and the tokens they use. */
export class Population {
  readonly tokens: UsedToken[] = [];
  readonly accounts: string[] = [];
  /** Pays for the tokens that are made to be revoked. */
  revocationOrganization = '';
  private expiryOrganization = '';

  constructor(
    private readonly ports: ReadonlyMap<ServerName, number>,
    readonly adminToken: string,
  ) {}

  admin(server: ServerName): LedgerClient {
    return new LedgerClient(`http://127.0.0.1:${this.ports.get(server)}`, this.adminToken);
  }

  async create(): Promise<void> {
    const scenario = new Scenario(this.admin('a'));
    const limits = { maxActiveTokens: { organization: 100_000 } };
    expectStatus(await scenario.admin.patch('/v1/settings', limits), 200);
    for (let index = 0; index < ORGANIZATIONS; index += 1) await this.addOrganization(scenario, index);
    await this.addPerson(scenario);
    this.expiryOrganization = (await scenario.organization()).uid;
    this.revocationOrganization = (await scenario.organization()).uid;
    await this.fund(scenario, this.revocationOrganization, '100000000');
    this.accounts.push(this.revocationOrganization);
  }

  /** Makes a token that ends at `expiresAt`, for the job that records it; of an organization that nothing else changes. */
  async shortLivedToken(server: ServerName, expiresAt: string): Promise<string> {
    const scenario = new Scenario(this.admin(server));
    const { token } = await scenario.organizationToken(this.expiryOrganization, { name: 'short-lived', expiresAt });
    return token.uid;
  }

  /** Most are short of credits now and then; one may go below zero, and one has enough for ever. */
  private async addOrganization(scenario: Scenario, index: number): Promise<void> {
    const { uid } = await scenario.organization();
    if (index === 0) expectStatus(await scenario.admin.patch(`/v1/accounts/${uid}`, { limit: '50' }), 200);
    await this.fund(scenario, uid, index === 1 ? '100000000' : '500');
    this.accounts.push(uid);
    for (let count = 0; count < TOKENS_EACH; count += 1) {
      const { token, secret } = await scenario.organizationToken(uid);
      this.tokens.push({ uid: token.uid, secret, account: uid, requester: null });
    }
  }

  /** A user with credits of their own, whose token may also charge an organization. */
  private async addPerson(scenario: Scenario): Promise<void> {
    const user = await scenario.user();
    const organization = this.accounts[1]!;
    await scenario.member(organization, user.uid);
    await this.fund(scenario, user.uid, '100000');
    this.accounts.push(user.uid);
    const { token, secret } = await scenario.personalToken(user.uid);
    this.tokens.push({ uid: token.uid, secret, account: user.uid, requester: null });
    this.tokens.push({ uid: token.uid, secret, account: organization, requester: organization });
  }

  private async fund({ admin }: Scenario, account: string, amount: string): Promise<void> {
    const body = { amount, kind: 'paid', effectiveAt: ALWAYS, reason: 'the start' };
    const reply = await admin.post(`/v1/accounts/${account}/grants`, body, { 'idempotency-key': `fund-${account}` });
    expectStatus(reply, 201);
  }
}
