import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { IdSource } from '#libs/kernel';
import type { RequestLog } from '../logging/request-log.js';
import type { ProblemResponder } from '../problems/problem-responder.js';
import type { SecretScrubber } from '../problems/secret-scrubber.js';
import { answerClientError } from './client-error.js';
import { requestIdOf } from './request-id.js';

export const BODY_LIMIT_BYTES = 256 * 1024;
/** For the routes that take bulk bodies. */
export const BULK_BODY_LIMIT_BYTES = 2 * 1024 * 1024;

export interface FastifyServices {
  readonly logger: Logger;
  readonly requestLog: RequestLog;
  readonly ids: IdSource;
  readonly responder: ProblemResponder;
  readonly scrubber: SecretScrubber;
  readonly trustedProxies: readonly string[];
}

/** How the server is set up; every limit that a hostile client could lean on stands here. */
export function fastifyOptions({ logger, requestLog, ids, responder, scrubber, trustedProxies }: FastifyServices) {
  return {
    loggerInstance: logger,
    logController: requestLog,
    // A child logger for each request costs more than a whole verification; lines name their request themselves.
    childLoggerFactory: (parent: unknown) => parent as Logger,
    requestIdHeader: false as const,
    genReqId: (request: IncomingMessage) => requestIdOf(request, { ids, scrubber }),
    ...(trustedProxies.length === 0 ? {} : { trustProxy: [...trustedProxies] }),
    bodyLimit: BODY_LIMIT_BYTES,
    // A request has to arrive whole within this time.
    requestTimeout: 30_000,
    // A silent connection is closed; longer than any answer of the API keeps its reader waiting.
    connectionTimeout: 120_000,
    keepAliveTimeout: 72_000,
    // Requests that arrive on open connections while the server goes down are still answered.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512 },
    ajv: { customOptions: { removeAdditional: false as const, coerceTypes: false as const, allErrors: true } },
    // Nest's middleware engine is a hook on every request, and nothing here is a middleware.
    skipMiddie: true,
    // A missing Host is refused by a hook, with a problem document.
    http: { requireHostHeader: false, headersTimeout: 20_000, maxHeaderSize: 16 * 1024 },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('x-request-id', request.id);
      responder.answer(error, request, reply);
    },
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) => {
      answerClientError(error, socket, { ids, scrubber });
    },
  };
}
