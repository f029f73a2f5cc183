import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assert } from '#libs/kernel';
import { type Access, ACCESS_METADATA } from './access.js';
import type { RequestAuthentication } from './request-authentication.js';

/** Authenticates every controller's calls, as `@Requires` and `@Public` say. */
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: RequestAuthentication,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const targets = [execution.getHandler(), execution.getClass()];
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS_METADATA, targets);
    assert(access !== undefined, `${execution.getClass().name} has a handler without @Requires or @Public`);
    const http = execution.switchToHttp();
    await this.authentication.admit(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), access);
    return true;
  }
}
