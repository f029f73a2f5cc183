import { Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, Response } from 'light-my-request';
import type { Principal } from '#libs/contracts';
import { EventLog, MemoryEventLog } from '#libs/event-log';
import { ManualClock } from '#libs/kernel/testing';
import { createHttpApplication, type HttpApplicationOptions } from '../application/create-http-application.js';
import type { SecretSighting } from '../application/request-hooks.js';
import { ReadModelProgress } from '../answers/read-model-progress.js';
import { Authenticator } from '../authentication/authenticator.js';
import { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { createLogger } from '../logging/create-logger.js';
import { RawRoutes, type RawRoute } from '../raw/raw-route.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';
import { FixedAuthenticator, ManualProgress } from './test-ports.js';

export interface TestApplicationOptions extends Partial<Omit<HttpApplicationOptions, 'clock'>> {
  readonly controllers?: readonly Type[];
  readonly rawRoutes?: readonly RawRoute[];
  /** Callers by the token they send. */
  readonly callers?: ReadonlyMap<string, Principal>;
  /** Shared with another application, as two processes share a database. */
  readonly store?: MemoryIdempotencyStore;
  readonly clock?: ManualClock;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** A whole HTTP application over memory adapters, with everything at hand that a spec looks at. */
export interface TestApplication {
  readonly app: NestFastifyApplication;
  readonly authenticator: FixedAuthenticator;
  readonly progress: ManualProgress;
  readonly log: MemoryEventLog;
  readonly store: MemoryIdempotencyStore;
  readonly clock: ManualClock;
  readonly lines: LogLine[];
  readonly sightings: SecretSighting[];
  inject(request: InjectOptions): Promise<Response>;
  close(): Promise<void>;
}

export async function startTestApplication(options: TestApplicationOptions = {}): Promise<TestApplication> {
  const { controllers = [], rawRoutes = [], callers = new Map<string, Principal>(), ...http } = options;
  const { clock = new ManualClock(), store = new MemoryIdempotencyStore() } = options;
  const authenticator = new FixedAuthenticator(callers);
  const progress = new ManualProgress();
  const log = new MemoryEventLog(clock);
  const lines: LogLine[] = [];
  const sightings: SecretSighting[] = [];

  @Module({
    controllers: [...controllers],
    providers: [
      { provide: Authenticator, useValue: authenticator },
      { provide: ReadModelProgress, useValue: progress },
      { provide: EventLog, useValue: log },
      { provide: IdempotencyStore, useValue: store },
    ],
  })
  class TestModule {
    constructor(routes: RawRoutes) {
      routes.add(...rawRoutes);
    }
  }

  const app = await createHttpApplication(TestModule, {
    logger: createLogger({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line) as LogLine) } }),
    onSecretInUrl: (sighting) => sightings.push(sighting),
    ...http,
    clock,
  });
  return {
    app,
    authenticator,
    progress,
    log,
    store,
    clock,
    lines,
    sightings,
    inject: (request) => app.inject(request),
    close: () => app.close(),
  };
}
