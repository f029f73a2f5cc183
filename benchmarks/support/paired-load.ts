import type { CleanUp } from './clean-up.js';
import type { VerifyStage } from './verify-stage.js';
import { type LoadResult, runLoad, writeLoadScript } from './wrk.js';

export type Target = 'bare' | 'ledger';

/** Loads the bare echo or the ledger for some seconds. */
export type PairedLoad = (target: Target, seconds: number) => Promise<LoadResult>;

/** Where each of the two takes what is posted; the bodies are the same. */
export interface PairedRequests {
  readonly path: string;
  readonly bodies: readonly string[];
  readonly connections: number;
}

/** One load of the ledger, between two of the echo. */
export interface PairedLoads {
  readonly bare: readonly [LoadResult, LoadResult];
  readonly ledger: LoadResult;
}

/** Requests a second of the echo, before and after. */
export function bareRateOf({ bare }: PairedLoads): number {
  return (bare[0].perSecond + bare[1].perSecond) / 2;
}

export function ratioOf(loads: PairedLoads): number {
  return loads.ledger.perSecond / bareRateOf(loads);
}

/** Where both are asked. */
export function addressesOf(
  { echo, ledger }: VerifyStage,
  path: string,
): Record<Target, { url: string; path: string }> {
  return { bare: { url: echo.url, path: '/echo' }, ledger: { url: ledger.admin.url, path } };
}

/** A closed loop of wrk that sends the same requests to either of the two. */
export async function pairedLoad(
  cleanUp: CleanUp,
  stage: VerifyStage,
  { path, bodies, connections }: PairedRequests,
): Promise<PairedLoad> {
  const folder = await cleanUp.temporaryFolder('load');
  const script = await writeLoadScript(folder, { bearer: stage.ledger.admin.token, bodies });
  const addresses = addressesOf(stage, path);
  return (target, seconds) => runLoad(cleanUp, { name: target, script, ...addresses[target], seconds, connections });
}
