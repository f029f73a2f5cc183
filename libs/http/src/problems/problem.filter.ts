import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '#libs/contracts';
import type { RouteTable } from '../application/route-table.js';
import type { ProblemResponder } from './problem-responder.js';

/** Nest's one exception filter: everything that a controller, guard, pipe or the router throws ends here. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly responder: ProblemResponder,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    this.responder.answer(this.orWrongMethod(error, request), request, http.getResponse<FastifyReply>());
  }

  /** A path that exists for other methods is 405, with the methods it has (RFC 9110 §15.5.6). */
  private orWrongMethod(error: unknown, request: FastifyRequest): unknown {
    if (!(error instanceof NotFoundException) || !request.is404) return error;
    const methods = this.routes.methodsOf(request.raw.url ?? '/');
    if (methods.length === 0) return error;
    return refuse('method_not_allowed', { headers: { allow: methods.join(', ') } });
  }
}
