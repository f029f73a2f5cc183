import { Global, Module, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Response } from 'light-my-request';
import { formatPosition, laterPosition, parsePosition, type Position, START } from '#libs/event-log';
import type { Clock } from '#libs/kernel';
import { createHttpApplication } from '../application/create-http-application.js';
import { createLogger } from '../logging/create-logger.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Call {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FeatureOptions {
  readonly feature: Type;
  /** What the feature expects from the app, globally. */
  readonly providers: readonly {
    readonly provide: abstract new (...args: never[]) => unknown;
    readonly useValue: unknown;
  }[];
  readonly clock: Clock;
}

/** One feature over HTTP, on whatever ports it was given. */
export interface FeatureApplication {
  readonly app: NestFastifyApplication;
  /** Sends a call with the caller's name as its token, and remembers its position: what is called next sees it. */
  call(caller: string, method: Method, url: string, call?: Call): Promise<Response>;
  /** What is called next sees the log up to here. */
  see(position: Position): void;
}

export async function startFeatureApplication({
  feature,
  providers,
  clock,
}: FeatureOptions): Promise<FeatureApplication> {
  @Global()
  @Module({
    imports: [CqrsModule.forRoot()],
    providers: [...providers],
    exports: providers.map(({ provide }) => provide),
  })
  class PlatformModule {}

  @Module({ imports: [PlatformModule, feature] })
  class ApplicationModule {}

  const app = await createHttpApplication(ApplicationModule, { clock, logger: createLogger({ level: 'silent' }) });
  let seen = START;
  const see = (position: Position): void => {
    seen = laterPosition(seen, position);
  };
  return {
    app,
    see,
    async call(caller, method, url, { body, headers = {} } = {}) {
      const response = await app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${caller}`, 'ledger-min-position': formatPosition(seen), ...headers },
        ...(body === undefined ? {} : { payload: body }),
      });
      const written = response.headers['ledger-position'];
      if (typeof written === 'string') see(parsePosition(written));
      return response;
    },
  };
}
