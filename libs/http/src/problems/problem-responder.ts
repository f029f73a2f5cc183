import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, refuse } from '#libs/contracts';
import type { LedgerError } from '#libs/kernel';
import type { Authenticator } from '../authentication/authenticator.js';
import type { ThrottledLog } from '../logging/throttled-log.js';
import { userAgentOf } from '../requests/request-state.js';
import { type Problem, problemOf } from './problem.js';
import { refusalOf } from './refusal-of.js';
import type { SecretScrubber } from './secret-scrubber.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether refusals of the route repeat their problem document in a header. */
    problemInHeader?: boolean;
  }
}

/** For gateways that look at status and headers of an answer only, as nginx's `auth_request` does. */
const PROBLEM_HEADER = 'x-ledger-problem';

/** The one place that turns errors into answers. */
export class ProblemResponder {
  /** Known once the container is built; errors of the request line may come before. */
  authenticator: Authenticator | null = null;

  constructor(
    private readonly scrubber: SecretScrubber,
    private readonly trouble: ThrottledLog,
    /** Told of each call that cannot be answered now. */
    private readonly onUnanswered: () => void = () => undefined,
  ) {}

  /** Answers the request with the problem document of the error. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = refusalOf(error);
    const { code, options } = refusal ?? refuse('internal_error');
    const occurrence = { requestId: request.id, target: request.raw.url ?? '/', scrubber: this.scrubber };
    const problem = problemOf(code, options, occurrence);
    this.log(error, refusal, request);
    if (reply.sent || reply.raw.headersSent) {
      // Part of an answer is out already: cutting it off is the only way left to say that it is not whole.
      reply.raw.destroy();
      return;
    }
    this.tellOfRefusedCall(problem, request);
    // A handler may have set headers of the answer that it did not come to give.
    reply.removeHeader('content-length');
    const body = JSON.stringify(problem.body);
    if (request.routeOptions.config?.problemInHeader === true) void reply.header(PROBLEM_HEADER, headerText(body));
    void reply.code(problem.status).headers(problem.headers).send(body);
  }

  private log(error: unknown, refusal: LedgerError<ErrorCode> | null, request: FastifyRequest): void {
    const { id: reqId } = request;
    if (refusal === null) request.log.error({ reqId, err: error }, 'a request failed by a mistake of the ledger');
    else if (refusal.code === 'not_ready' || refusal.code === 'verification_unavailable') {
      this.onUnanswered();
      this.trouble.warn(
        { reqId, code: refusal.code, err: refusal.options.cause },
        'a request could not be answered now',
      );
    }
  }

  private tellOfRefusedCall({ status, code, body }: Problem, request: FastifyRequest): void {
    const principal = request.ledger?.principal;
    if (status !== 403 || !principal) return;
    this.authenticator?.onRefusedCall({
      principal,
      code,
      detail: body.detail,
      method: request.method,
      path: body.instance,
      ip: request.ip,
      userAgent: userAgentOf(request),
      requestId: request.id,
    });
  }
}

/** The same JSON in characters that every header may hold. */
function headerText(json: string): string {
  return json.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
