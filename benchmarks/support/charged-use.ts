import type { ApiClient } from './api-client.js';
import { type MintedSecret, SCOPE } from './population.js';
import { BenchmarkFailed } from './run-benchmark.js';

/** The body of a check that costs one credit, with what a gateway usually knows. */
export function chargedUse(token: string, ip = '203.0.113.7'): object {
  return { token, scope: SCOPE, operation: 'pipeline.run', cost: '1', ip, userAgent: 'curl/8' };
}

/** wrk counts statuses only: that they stand for accepted, charged uses is seen by asking once. Throws BenchmarkFailed. */
export async function requireCharged(admin: ApiClient, token: MintedSecret | undefined): Promise<void> {
  const verdict = await admin.post('/v1/verify', chargedUse(token?.secret ?? ''));
  const isRight =
    verdict['valid'] === true && verdict['charged'] === '1' && verdict['payer'] === token?.organizationUid;
  if (!isRight) throw new BenchmarkFailed(`a use was not accepted and charged: ${JSON.stringify(verdict)}`);
}
