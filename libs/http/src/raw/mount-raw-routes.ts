import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import type { ReadPosition } from '../answers/read-position.js';
import type { RequestAuthentication } from '../authentication/request-authentication.js';
import type { RequestMetrics } from '../operation/request-metrics.js';
import type { ProblemResponder } from '../problems/problem-responder.js';
import { type JsonSchema, NOT_ANSWERED, type RawRoute, readsReadModels } from './raw-route.js';

export interface RawRouteServices {
  readonly authentication: RequestAuthentication;
  readonly responder: ProblemResponder;
  readonly readPosition: ReadPosition;
  readonly metrics: RequestMetrics;
}

/** Registers raw routes on Nest's own Fastify instance. */
export function mountRawRoutes(
  instance: FastifyInstance,
  routes: readonly RawRoute[],
  services: RawRouteServices,
): void {
  for (const route of routes) instance.route(routeOptionsOf(route, services));
}

function routeOptionsOf(route: RawRoute, services: RawRouteServices): RouteOptions {
  const { responder, metrics } = services;
  return {
    method: typeof route.method === 'string' ? route.method : [...route.method],
    url: route.path,
    schema: schemaOf(route),
    // A caller is told who they are not before what is wrong with their body.
    attachValidation: true,
    config: {
      ...(route.bodyKind === undefined ? {} : { bodyKind: route.bodyKind }),
      ...(route.problemInHeader === true ? { problemInHeader: true } : {}),
      line: { level: route.quiet === true ? 'debug' : 'info', timers: metrics.timersOf(route.path) },
    },
    errorHandler: (error, request, reply) => responder.answer(error, request, reply),
    handler: handlerOf(route, services),
    ...(route.bodyLimitBytes === undefined ? {} : { bodyLimit: route.bodyLimitBytes }),
  };
}

/** Where a route declares nothing, whatever is sent is unknown. */
const NO_FIELDS: JsonSchema = { type: 'object', additionalProperties: false };

function schemaOf(route: RawRoute): FastifySchema {
  const answers = Object.entries(route.answers).flatMap(([status, { schema }]) =>
    schema === undefined ? [] : [[status, schema] as const],
  );
  const body = route.body ?? (takesJson(route) ? NO_FIELDS : undefined);
  const { query = NO_FIELDS } = route;
  return {
    ...(body === undefined ? {} : { body }),
    ...(query === 'open' ? {} : { querystring: query }),
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(answers.length === 0 ? {} : { response: Object.fromEntries(answers) }),
  };
}

function takesJson({ method, bodyKind = 'json' }: RawRoute): boolean {
  return bodyKind === 'json' && ![method].flat().some((name) => name === 'GET' || name === 'HEAD');
}

/** The steps of a route as one function, so that a call costs what its steps cost and nothing for the framework. */
function handlerOf(route: RawRoute, { authentication, readPosition }: RawRouteServices): RouteOptions['handler'] {
  const { requires, inOutage = false } = route;
  const reads = readsReadModels(route);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (route.answerAtOnce && !request.validationError && authentication.recognise(request, requires)) {
      const answer = await route.answerAtOnce(request, reply);
      if (answer !== NOT_ANSWERED) return answer;
    }
    await authentication.admit(request, reply, requires, inOutage);
    if (request.validationError) throw request.validationError;
    if (reads) await readPosition.reached(request);
    return route.handler(request, reply);
  };
}
