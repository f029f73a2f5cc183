import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { firstValueFrom, type Observable, of } from 'rxjs';
import { refuse } from '#libs/contracts';
import type { Json } from '#libs/kernel';
import { headersOf, isWritten } from '../answers/written.js';
import type { SecretScrubber } from '../problems/secret-scrubber.js';
import type { RequestState } from '../requests/request-state.js';
import { MONEY_MOVING_METADATA, REPLAY_AS_METADATA, type ReplayBody } from './idempotency-metadata.js';
import type { StoredAnswer } from './idempotency-store.js';
import type { IdempotentCommands, KeyedRequest, Outcome } from './idempotent-commands.js';

/** Gives the POSTs of controllers their idempotency keys. */
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly commands: IdempotentCommands,
    private readonly scrubber: SecretScrubber,
  ) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = execution.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { ledger: state } = request;
    if (request.method !== 'POST' || !state?.principal) return next.handle();
    const money = this.reflector.get<boolean | undefined>(MONEY_MOVING_METADATA, execution.getHandler()) ?? false;
    const key = request.headers['idempotency-key'];
    if (key === undefined) {
      if (money) throw refuse('idempotency_key_required');
      return next.handle();
    }
    const reply = http.getResponse<FastifyReply>();
    const replay = this.reflector.get<ReplayBody | undefined>(REPLAY_AS_METADATA, execution.getHandler());
    const keyed = keyedRequest(request, state, { key: String(key), money });
    const done = await this.commands.once(keyed, async (claim): Promise<Outcome<unknown>> => {
      state.claim = claim;
      const live = await firstValueFrom(next.handle() as Observable<unknown>, { defaultValue: undefined });
      return { live, kept: this.keptOf(live, reply.statusCode, replay) };
    });
    return of('live' in done ? done.live : answerAgain(done.replayed, reply));
  }

  /** What is stored of an answer. Token strings are cut out even where a handler forgot `@ReplayAs`. */
  private keptOf(live: unknown, status: number, replay: ReplayBody | undefined): StoredAnswer {
    const { body, headers } = isWritten(live)
      ? { body: live.body, headers: headersOf(live) }
      : { body: live, headers: {} };
    const shown: unknown = replay === undefined ? body : replay(body as never);
    return {
      status,
      headers,
      body: shown === undefined ? undefined : (JSON.parse(this.scrubber.scrub(JSON.stringify(shown))) as Json),
    };
  }
}

function keyedRequest(
  request: FastifyRequest,
  { principal }: RequestState,
  { key, money }: { key: string; money: boolean },
): KeyedRequest {
  const actor = principal?.actor;
  return {
    caller: `${actor?.type}:${actor?.uid}`,
    key,
    method: request.method,
    target: request.raw.url ?? '/',
    body: request.body as Json,
    money,
  };
}

function answerAgain(answer: StoredAnswer, reply: FastifyReply): Json | undefined {
  void reply.code(answer.status).headers({ ...answer.headers, 'idempotent-replayed': 'true' });
  return answer.body;
}
