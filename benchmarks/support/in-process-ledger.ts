import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSettings } from '#libs/config';
import type { Verdict } from '#libs/verification';
import { type RunningServer, startServer } from '../../apps/server/src/server.js';
import { ApiClient } from './api-client.js';
import type { CleanUp } from './clean-up.js';
import { postgresCpuOf } from './cpu-time.js';

/** The server's own parts in this process: checks are made without HTTP, everything else over it. */
export interface InProcessLedger {
  readonly admin: ApiClient;
  readonly services: RunningServer['services'];
  readonly dataDir: string;
  /** Seconds of the processor that its PostgreSQL has used so far; NaN where the system does not tell. */
  postgresCpuSeconds(): Promise<number>;
  /** Stops it in order; its data directory stays until the benchmark ends. */
  stop(): Promise<void>;
}

/**
 * Starts the server as it composes itself, on an empty data directory, without its jobs. `clockOffsetMs`: how far its clock
 * is from the machine's, for a ledger that is to be filled with a past.
 */
export async function startInProcess(cleanUp: CleanUp, clockOffsetMs = 0): Promise<InProcessLedger> {
  const dataDir = await cleanUp.temporaryFolder('process');
  const settings = readSettings({
    PORT: '0',
    TOKEN_LEDGER_DATA_DIR: dataDir,
    TOKEN_LEDGER_JOBS: 'false',
    TOKEN_LEDGER_CLOCK_OFFSET_MS: `${clockOffsetMs}`,
    LOG_LEVEL: 'warn',
  });
  const { address, services, shutdown } = await startServer(settings, { demo: false, announce: false });
  cleanUp.add(() => shutdown.run());
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return {
    admin: new ApiClient(address, token),
    services,
    dataDir,
    postgresCpuSeconds: await postgresCpuOf(dataDir),
    stop: () => shutdown.run(),
  };
}

export interface UseOf {
  readonly secret: string;
  readonly cost: bigint;
  readonly scope: string;
  readonly requester: string | null;
  readonly idempotencyKey: string | null;
  readonly requestId: string;
}

/** Asks the verifier as a route does, its barrier included. */
export async function verifyUse({ services }: InProcessLedger, use: UseOf): Promise<Verdict> {
  const { verdict } = await services.verification.verifier.verify({
    presented: use.secret,
    request: {
      requester: use.requester,
      scope: use.scope,
      resource: null,
      project: null,
      environment: null,
      operation: 'pipeline.run',
      cost: use.cost,
      idempotencyKey: use.idempotencyKey,
      ip: '203.0.113.7',
      userAgent: 'curl/8',
    },
    caller: null,
    requestId: use.requestId,
    confirmed: false,
  });
  return verdict;
}
