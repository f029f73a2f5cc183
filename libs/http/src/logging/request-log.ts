import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { RequestMetrics, RouteTimers } from '../operation/request-metrics.js';
import type { SecretScrubber } from '../problems/secret-scrubber.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How requests of a raw route are logged and measured. */
    line?: RequestLine;
  }
}

export interface RequestLine {
  readonly level: 'info' | 'debug';
  readonly timers: RouteTimers;
}

const UNMATCHED = 'unmatched';

/** One line and one observation for each request, in place of Fastify's two lines. Query values are never logged. */
export class RequestLog extends LogController {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: RequestMetrics,
    private readonly scrubber: SecretScrubber,
  ) {
    super();
  }

  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    const ms = reply.elapsedTime;
    const { statusCode: status } = reply;
    const { url, config } = request.routeOptions;
    const route = url ?? UNMATCHED;
    const timers = config?.line?.timers ?? this.metrics.timersOf(route);
    this.metrics.observe(route, timers, { method: request.method, status, ms });
    const level = config?.line?.level ?? 'info';
    if (!this.logger.isLevelEnabled(level)) return;
    this.logger[level](this.fieldsOf(request, { status, ms, aborted: error instanceof Error }), 'request');
  }

  /** Errors are logged where they are answered. */
  override defaultErrorLog(): void {}

  override routeNotFound(): void {}

  private fieldsOf(
    request: FastifyRequest,
    { status, ms, aborted }: { status: number; ms: number; aborted: boolean },
  ): Record<string, unknown> {
    return {
      reqId: request.id,
      method: request.method,
      path: this.scrubber.pathOf(request.raw.url ?? '/'),
      status,
      ms: Math.round(ms * 10) / 10,
      ip: request.ip,
      actor: request.ledger?.principal?.actor.uid ?? null,
      ...(aborted ? { aborted } : {}),
    };
  }
}
