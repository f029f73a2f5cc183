import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { headersOf, isWritten } from './written.js';

/** Sends what `written()` made: the body, with the position of the write in `Ledger-Position`. */
export class AnswerInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = execution.switchToHttp().getResponse<FastifyReply>();
    // Answers hold what only their caller may see, and change with the next write.
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    return next.handle().pipe(map((answer: unknown) => unwrap(answer, reply)));
  }
}

function unwrap(answer: unknown, reply: FastifyReply): unknown {
  if (!isWritten(answer)) return answer;
  void reply.headers(headersOf(answer));
  return answer.body;
}
