import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '#libs/contracts';
import type { Access } from '../authentication/access.js';

/** A JSON Schema (draft 7 as ajv reads it, and OpenAPI 3.1 shows it). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export type RawMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'HEAD';

/** How the body arrives: JSON (an object), `application/x-www-form-urlencoded`, or the bytes of any type as a Buffer. */
export type BodyKind = 'json' | 'form' | 'bytes';

export interface RawAnswer {
  readonly description: string;
  /** Serializes the answer fast, and documents it; members that it does not name are left out. */
  readonly schema?: JsonSchema;
  /** `application/json` when absent. */
  readonly contentType?: string;
  /** Documents the answer only: it is serialized by JSON.stringify. */
  readonly documentation?: JsonSchema;
}

export type RawRequest<Body = unknown, Query = unknown, Params = unknown> = FastifyRequest<{
  Body: Body;
  Querystring: Query;
  Params: Params;
}>;

export interface RawRouteDefinition<Body = unknown, Query = unknown, Params = unknown> {
  readonly method: RawMethod | readonly RawMethod[];
  /** In Fastify's form, `/v1/things/:uid`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /**
   * A management scope or `any`: the helper authenticates before it validates, and `principalOf(request)` is set.
   * `public`: no credential is looked at; a handler that reads credentials by itself is public in this sense.
   */
  readonly requires: Access;
  /** Name `additionalProperties: false`, so that an unknown field is refused as such. Absent: JSON without any field. */
  readonly body?: JsonSchema;
  readonly bodyKind?: BodyKind;
  /** As `body`. Absent: no query. `open`: what others add to the address is passed over; say why where you write it. */
  readonly query?: JsonSchema | 'open';
  readonly params?: JsonSchema;
  readonly bodyLimitBytes?: number;
  readonly answers: Readonly<Record<number, RawAnswer>>;
  /** Refusals that the handler makes; those of authentication and validation are added. */
  readonly errors?: readonly ErrorCode[];
  /** Request lines at `debug` instead of `info`: for calls that come by the thousand. */
  readonly quiet?: boolean;
  /**
   * For what tells how the process is, and must be readable while the log is away: a caller who cannot be confirmed then
   * is taken as last known, and no read model is waited for.
   */
  readonly inOutage?: boolean;
  /** The problem document of a refusal is sent as the header `X-Ledger-Problem` too, for gateways that read no body. */
  readonly problemInHeader?: boolean;
  /** Further members of the OpenAPI operation. */
  readonly openApi?: Readonly<Record<string, unknown>>;
  /**
   * Asked first, with a caller that was recognised and not confirmed, for a body that is valid: answers if what it does
   * confirms the caller too (`Authenticator.recognise`). `NOT_ANSWERED` when it could not, and nothing has happened:
   * then the caller is authenticated, and `handler` asked. Refuses nothing that the caller may not be told.
   */
  answerAtOnce?(request: RawRequest<Body, Query, Params>, reply: FastifyReply): Promise<unknown>;
  /** Returns the body, or a promise of it, or sends by `reply` and returns it. What it throws becomes a problem document. */
  handler(request: RawRequest<Body, Query, Params>, reply: FastifyReply): unknown;
}

/** What `answerAtOnce` returns when it has not answered. */
export const NOT_ANSWERED: unique symbol = Symbol('not answered');

/** Whether the route answers from read models, and so waits for `Ledger-Min-Position`. */
export function readsReadModels({ requires, method, inOutage = false }: RawRoute): boolean {
  return requires !== 'public' && method === 'GET' && !inOutage;
}

/** A raw route whose request types are forgotten. */
export type RawRoute = RawRouteDefinition;

/** Declares a raw route: schema validation, authentication, errors and OpenAPI entry at once. Add it to RawRoutes. */
export function rawRoute<Body = unknown, Query = unknown, Params = unknown>(
  definition: RawRouteDefinition<Body, Query, Params>,
): RawRoute {
  return definition;
}

/**
 * Collects the raw routes of the application; provided globally. A module adds its routes in `onModuleInit`, before the
 * server listens.
 */
export class RawRoutes {
  private readonly routes: RawRoute[] = [];

  add(...routes: readonly RawRoute[]): void {
    this.routes.push(...routes);
  }

  all(): readonly RawRoute[] {
    return this.routes;
  }
}
