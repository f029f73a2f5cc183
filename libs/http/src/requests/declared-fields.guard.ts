import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { refuseInvalid, unknownField } from '../problems/refuse-invalid.js';

/** Names that a handler takes of a part of the request; null: a DTO describes them, and the validation pipe checks it. */
type Taken = ReadonlySet<string> | null;

interface TakenFields {
  readonly query: Taken;
  readonly body: Taken;
}

/**
 * Refuses query and body fields of handlers that declare none. The validation pipe sees what a handler takes as a
 * parameter and nothing else: without this, a handler with neither `@Query()` nor `@Body()` would act on a request that
 * asks for something else than it does. Raw routes have it from their schemas (`mountRawRoutes`).
 * Stands behind authentication: a caller is told who they are not before what is wrong with their request.
 */
export class DeclaredFieldsGuard implements CanActivate {
  private readonly takenByHandler = new WeakMap<object, TakenFields>();

  canActivate(execution: ExecutionContext): boolean {
    const { query, body } = execution.switchToHttp().getRequest<FastifyRequest>();
    const taken = this.takenBy(execution);
    const unknown = [...unknownIn(query, taken.query), ...unknownIn(body, taken.body)];
    if (unknown.length > 0) throw refuseInvalid(unknown.map(unknownField));
    return true;
  }

  private takenBy(execution: ExecutionContext): TakenFields {
    const handler = execution.getHandler();
    const known = this.takenByHandler.get(handler);
    if (known !== undefined) return known;
    const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, execution.getClass(), handler.name) ?? {}) as RouteArguments;
    const taken = { query: takenOf(args, RouteParamtypes.QUERY), body: takenOf(args, RouteParamtypes.BODY) };
    this.takenByHandler.set(handler, taken);
    return taken;
  }
}

/** What Nest keeps of the parameters of a handler: keys are `<kind>:<index>`; `data` is the name in `@Query('name')`. */
type RouteArguments = Readonly<Record<string, { readonly data?: unknown }>>;

function takenOf(args: RouteArguments, kind: RouteParamtypes): Taken {
  const names = Object.entries(args).flatMap(([key, { data }]) => (key.startsWith(`${kind}:`) ? [data] : []));
  return names.every((name) => typeof name === 'string') ? new Set(names) : null;
}

function unknownIn(part: unknown, taken: Taken): string[] {
  if (taken === null || typeof part !== 'object' || part === null || Buffer.isBuffer(part)) return [];
  return Object.keys(part).filter((name) => !taken.has(name));
}
