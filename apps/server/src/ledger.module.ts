import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { AuditModule } from '#libs/audit';
import { AccountLedger, BillingModule, CompleteUsesJob, CompletionProgressTable, UseCompleter } from '#libs/billing';
import { DirectoryModule } from '#libs/directory';
import { EventLog, StreamRepository } from '#libs/event-log';
import { Authenticator, IdempotencyStore, PostgresIdempotencyStore, ReadModelProgress, ThrottledLog } from '#libs/http';
import { JobRunner, JobRuns, JobsModule, type LedgerJob } from '#libs/jobs';
import { Clock } from '#libs/kernel';
import { ProjectionEngine, ProjectionsModule } from '#libs/projections';
import {
  ClearUnusedFlagsJob,
  ExpireTokensJob,
  FlagUnusedTokensJob,
  OwnerReader,
  SettingsReader,
  TokenSecrets,
  TokensModule,
} from '#libs/tokens';
import { ForgetKeysJob } from './forget-keys.job.js';
import type { Store } from './open-store.js';
import type { Services } from './services.js';

/** Joins the features to the parts that the server has opened. */
@Module({})
export class LedgerModule {
  static of(services: Services): DynamicModule {
    return {
      module: LedgerModule,
      imports: [
        CqrsModule.forRoot(),
        platformOf(services),
        jobRunnerOf(services),
        DirectoryModule,
        TokensModule,
        BillingModule,
        AuditModule,
        JobsModule,
        ProjectionsModule,
      ],
    };
  }
}

/** What health checks and metrics need, and no feature: for a process that answers nothing else. */
@Module({})
export class OperationModule {
  static of(services: Services): DynamicModule {
    return { module: OperationModule, imports: [platformOf(services)] };
  }
}

@Module({})
class PlatformModule {}

function platformOf(services: Services): DynamicModule {
  const providers = providersOf(services);
  return { module: PlatformModule, global: true, providers, exports: providers };
}

@Module({})
class JobRunnerModule {}

/** The jobs of the features, run by whichever process works on the queue. */
function jobRunnerOf({ store, jobBackend, verification, logger }: Services): DynamicModule {
  const trouble = new ThrottledLog(logger);
  const metrics = store.metrics.jobs;
  const onQueueFailure = (err: Error) => {
    store.watches.jobs.suspect('jobs');
    trouble.error({ err }, 'the job queue cannot be used now');
  };
  // Settings and owners are read from the fold, which the calls of clients bring to the head: a worker has none.
  const prepare = () => verification.barrier.confirm();
  const parts = { backend: jobBackend, clock: store.clock, prepare, log: logger, onQueueFailure };
  const runner: Provider = {
    provide: JobRunner,
    useFactory: (runs: JobRuns, keys: IdempotencyStore, ...ofFeatures: LedgerJob[]) => {
      const jobs = [...ofFeatures, new ForgetKeysJob(keys, store.clock), ...jobsOfLog(store)];
      metrics.expect(jobs.map(({ name }) => name));
      return new JobRunner({ ...parts, jobs, runs, onRun: metrics.onRun });
    },
    inject: [JobRuns, IdempotencyStore, ExpireTokensJob, FlagUnusedTokensJob, ClearUnusedFlagsJob],
  };
  return { module: JobRunnerModule, global: true, imports: [TokensModule], providers: [runner], exports: [runner] };
}

/** What a log that may part a charge from its use needs besides. */
function jobsOfLog({ log, clock, dataSource }: Store): LedgerJob[] {
  if (!log.mayPartRequests) return [];
  const progress = new CompletionProgressTable(dataSource);
  return [new CompleteUsesJob(new UseCompleter({ log, clock, progress }))];
}

function providersOf(services: Services): Provider[] {
  const { store } = services;
  return [
    { provide: Clock, useValue: store.clock },
    { provide: EventLog, useValue: store.log },
    { provide: StreamRepository, useValue: store.streams },
    { provide: DataSource, useValue: store.dataSource },
    { provide: ProjectionEngine, useValue: store.projections },
    { provide: ReadModelProgress, useValue: store.projections },
    {
      provide: IdempotencyStore,
      useFactory: (source: DataSource) => new PostgresIdempotencyStore(source),
      inject: [DataSource],
    },
    { provide: AccountLedger, useValue: services.accounts },
    { provide: Authenticator, useValue: services.verification.authenticator },
    { provide: TokenSecrets, useValue: services.tokenSecrets },
    { provide: SettingsReader, useValue: services.verification.settings },
    { provide: OwnerReader, useValue: services.verification.owners },
    JobRuns,
  ];
}
