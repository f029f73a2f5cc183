import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';
import type { ReadPosition } from './read-position.js';

/** Applies `Ledger-Min-Position` to the reads of controllers. */
export class ReadPositionInterceptor implements NestInterceptor {
  constructor(private readonly position: ReadPosition) {}

  async intercept(execution: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    if (request.method === 'GET' || request.method === 'HEAD') await this.position.reached(request);
    return next.handle();
  }
}
