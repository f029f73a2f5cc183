import { performance } from 'node:perf_hooks';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { InvalidSettings, type Settings } from '#libs/config';
import { type Fact, streamOf, toEvents } from '#libs/contracts';
import { createLogger, HealthChecks, type LogLevel } from '#libs/http';
import { TokenMint } from '#libs/tokens';
import { bannerOf } from './banner.js';
import { bootstrapAdmin } from './bootstrap-admin.js';
import { Demo } from './demo/demo.js';
import { dutiesOf } from './duties.js';
import { findPort } from './free-port.js';
import { openInstallation } from './installation.js';
import { joinServices } from './join-services.js';
import { createApplication } from './ledger-application.js';
import { refuseOtherLog } from './log-of-read-models.js';
import { openStore, secretsSourceOf } from './open-store.js';
import { warmUpSecurity } from './security-warm-up.js';
import type { Services } from './services.js';
import { Shutdown } from './shutdown.js';
import { requireRedis, startJobs } from './start-jobs.js';
import { systemContext } from './system-context.js';

/** How long a request under way may take while the server stops. */
const DRAIN_MS = 200;

export interface RunningServer {
  readonly address: string;
  readonly app: NestFastifyApplication;
  readonly services: Services;
  readonly shutdown: Shutdown;
}

export interface ServerOptions {
  /** Fills an empty ledger with an example's history before the server listens. */
  readonly demo: boolean;
  /** False: the banner is not printed; it is when absent. */
  readonly announce?: boolean;
}

/** Starts everything in order; `shutdown` stops it in the reverse order. Throws what keeps it from starting. */
export async function startServer(
  settings: Settings,
  options: ServerOptions = { demo: false },
): Promise<RunningServer> {
  const began = performance.now();
  const logger = createLogger({ level: settings.logLevel as LogLevel, tokenBrand: settings.brand });
  const shutdown = new Shutdown(logger);
  shutdown.listen();
  try {
    if (options.demo && settings.role !== 'all') {
      throw new InvalidSettings(
        `ROLE: --demo fills a ledger that one process runs alone; ROLE=${settings.role} is part of one.`,
      );
    }
    const demo = options.demo ? new Demo(settings) : null;
    return await start(settings, { logger, shutdown, began, demo, announce: options.announce !== false });
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

interface Start {
  readonly logger: Logger;
  readonly shutdown: Shutdown;
  readonly began: number;
  readonly demo: Demo | null;
  readonly announce: boolean;
}

async function start(settings: Settings, { logger, shutdown, began, demo, announce }: Start): Promise<RunningServer> {
  const duties = dutiesOf(settings);
  const port = await findPort(settings.host, settings.port, settings.portIsChosen);
  await requireRedis(settings, duties);
  const store = await openStore(settings, logger, shutdown, demo?.clock);
  await refuseOtherLog(store.dataSource, settings);
  await demo?.begin(store);
  const { dataSource, streams } = store;
  const secrets = { source: secretsSourceOf(settings), fingerprint: store.secrets.fingerprint };
  const context = systemContext(store.clock);
  const installation = await openInstallation({ dataSource, streams, secrets, context });

  const services = joinServices(settings, store, logger);
  const adminTokenFile = duties.serves ? await firstAccess(settings, services) : null;
  await warmUpSecurity(services, installation, shutdown);
  await recordRunning(services, shutdown);

  const app = await createApplication(settings, services, logger);
  await demo?.fill(app, services);
  if (duties.follows) {
    await store.projections.start();
    shutdown.add('read models', () => store.projections.stop());
  }
  await startJobs({ app, duties, services, shutdown });
  await listen(app, { host: settings.host, port }, shutdown);
  const address = addressOf(await app.getUrl());
  const movedFromPort = port === settings.port || settings.port === 0 ? null : settings.port;
  const startedInMs = performance.now() - began;
  const demoLoginsFile = demo?.loginsFile ?? null;
  const facts = { address, settings, adminTokenFile, demoLoginsFile, startedInMs, movedFromPort };
  if (announce) process.stdout.write(`${bannerOf(facts)}\n`);
  if (settings.clockOffsetMs !== 0) logger.warn({ offsetMs: settings.clockOffsetMs }, 'the clock is shifted');
  return { address, app, services, shutdown };
}

/** The admin tokens that an empty ledger begins with. */
function firstAccess({ dataDir, initialAdminTokens }: Settings, { store, tokenSecrets, hasher }: Services) {
  const mint = new TokenMint(tokenSecrets, hasher);
  const { streams, clock } = store;
  return bootstrapAdmin({ streams, mint, dataDir, initialAdminTokens, context: systemContext(clock) });
}

/** The log itself says when it was being kept: PCI DSS asks for the start and the stop of audit logging. */
async function recordRunning({ store, verification }: Services, shutdown: Shutdown): Promise<void> {
  const record = async (type: 'AuditStarted' | 'AuditStopped') => {
    const fact: Fact = { type, data: { node: verification.node } };
    const events = toEvents([fact], systemContext(store.clock));
    await store.log.append({ streams: [{ stream: streamOf.system, expected: 'exists', events }] });
  };
  await record('AuditStarted');
  shutdown.add('record of the stop', async () => {
    await verification.refusals.recordCounts(true);
    await record('AuditStopped');
  });
}

async function listen(
  app: NestFastifyApplication,
  { host, port }: { readonly host: string; readonly port: number },
  shutdown: Shutdown,
): Promise<void> {
  await app.listen(port, host);
  shutdown.add('HTTP server', async () => {
    app.get(HealthChecks).startDraining();
    // Connections that are idle are closed at once; requests under way are answered first.
    const closed = app.close();
    const idle = setInterval(() => app.getHttpServer().closeIdleConnections(), DRAIN_MS);
    await closed.finally(() => clearInterval(idle));
  });
}

function addressOf(url: string): string {
  return url.replace('[::1]', 'localhost').replace(/\/$/, '');
}
