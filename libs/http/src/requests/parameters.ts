import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CommandContext, Principal } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { contextOf, principalOf } from './request-state.js';

/** The caller: `@Caller() principal: Principal`. Only for handlers that are not public. */
export const Caller = createParamDecorator((_data: unknown, execution: ExecutionContext): Principal => {
  const principal = principalOf(execution.switchToHttp().getRequest<FastifyRequest>());
  assert(principal !== null, '@Caller() stands on a public handler');
  return principal;
});

/** The context of the command that this request is: `@Ctx() context: CommandContext`. */
export const Ctx = createParamDecorator((_data: unknown, execution: ExecutionContext): CommandContext =>
  contextOf(execution.switchToHttp().getRequest<FastifyRequest>()),
);
