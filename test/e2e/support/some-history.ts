import { expectStatus, type Scenario } from './scenario.js';

/** A user, an organization, tokens, uses that cost, a refusal and a revocation: rows in every read model. */
export async function someHistory(scenario: Scenario): Promise<void> {
  const user = await scenario.user();
  const organization = await scenario.organization();
  await scenario.member(organization.uid, user.uid);
  await scenario.grant(organization.uid, '10');
  const { token, secret } = await scenario.organizationToken(organization.uid);
  await scenario.verify(secret, { cost: '3', operation: 'run' });
  await scenario.verify(secret);
  expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'test' }), 200);
  await scenario.verify(secret);
}
