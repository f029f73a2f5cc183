import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiConsumes } from '@nestjs/swagger';
import { combine } from '../combine.js';

/** The handler takes `application/x-www-form-urlencoded` (as the OAuth endpoints do) and nothing else. */
export function AcceptsForm(): MethodDecorator {
  return combine(RouteConfig({ bodyKind: 'form' }), ApiConsumes('application/x-www-form-urlencoded'));
}
