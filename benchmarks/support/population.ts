import type { ApiClient } from './api-client.js';
import { eachOf } from './each-of.js';

/** An organization that pays, and what it was granted. */
export interface PayingOrganization {
  readonly uid: string;
  readonly granted: bigint;
}

export interface MintedSecret {
  readonly uid: string;
  readonly secret: string;
  readonly organizationUid: string;
}

export interface Population {
  readonly organizations: readonly PayingOrganization[];
  readonly tokens: readonly MintedSecret[];
}

export interface PopulationSize {
  readonly organizations: number;
  readonly tokens: number;
}

/** What every token may be used for. */
export const SCOPE = 'models:invoke';

const CREDITS = 1_000_000_000_000n;
const WIDTH = 8;
/** Commands that are made together share flushes. */
const ORGANIZATIONS_WIDTH = 64;
/** Of what the settings allow; more tokens of one organization than this are not needed to keep a ledger busy. */
const TOKENS_OF_ONE_MAX = 100_000;

/** Organizations with credits, and tokens spread evenly over them, made through the API like anybody's. */
export async function createPopulation(admin: ApiClient, size: PopulationSize): Promise<Population> {
  const organizations = await createOrganizations(admin, size.organizations);
  const tokens = await eachOf(numbered(size.tokens), WIDTH, (number) => {
    const owner = organizations[number % organizations.length] as PayingOrganization;
    return createOrganizationToken(admin, owner.uid, `bench-${number}`);
  });
  return { organizations, tokens };
}

/** Organizations with credits that may have any number of tokens. */
export async function createOrganizations(admin: ApiClient, count: number): Promise<PayingOrganization[]> {
  await admin.patch('/v1/settings', { maxActiveTokens: { organization: TOKENS_OF_ONE_MAX } });
  return eachOf(numbered(count), ORGANIZATIONS_WIDTH, (number) => createOrganization(admin, number));
}

/** A token of an organization that may do everything that `SCOPE` and its owner allow. */
export async function createOrganizationToken(
  admin: ApiClient,
  organizationUid: string,
  handle: string,
): Promise<MintedSecret> {
  const { token, secret } = await admin.post('/v1/tokens', {
    type: 'organization',
    handle,
    name: handle,
    owner: { organization: organizationUid },
    access: { endpoints: 'all' },
    scopes: [SCOPE],
    expiresIn: '30d',
  });
  return { uid: (token as { uid: string }).uid, secret: secret as string, organizationUid };
}

/** A user who is a member of an organization, with a personal token that charges it. */
export async function createMember(admin: ApiClient, organizationUid: string, handle: string): Promise<MintedSecret> {
  const { uid } = await admin.post('/v1/users', { handle, email: `${handle}@example.com` });
  await admin.put(`/v1/organizations/${organizationUid}/members/${uid as string}`, { role: 'developer' });
  const { token, secret } = await admin.post('/v1/tokens', {
    type: 'personal',
    name: handle,
    owner: { user: uid },
    access: { operations: true, endpoints: 'all' },
    scopes: [SCOPE],
  });
  return { uid: (token as { uid: string }).uid, secret: secret as string, organizationUid };
}

/** Puts credits on an account. */
export async function grant(admin: ApiClient, accountUid: string, amount: bigint): Promise<void> {
  const body = { amount: amount.toString(), kind: 'paid', reason: 'benchmark' };
  await admin.post(`/v1/accounts/${accountUid}/grants`, body);
}

async function createOrganization(admin: ApiClient, number: number): Promise<PayingOrganization> {
  const { uid } = await admin.post('/v1/organizations', { handle: `bench-${number}`, name: `Benchmark ${number}` });
  await grant(admin, uid as string, CREDITS);
  return { uid: uid as string, granted: CREDITS };
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
