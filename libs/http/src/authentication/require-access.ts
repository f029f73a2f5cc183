import { METHOD_METADATA } from '@nestjs/common/constants.js';
import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { assert } from '#libs/kernel';
import { type Access, ACCESS_METADATA } from './access.js';

/** Stops an application in which a controller's handler says nothing of who may call it. */
export function requireDeclaredAccess(app: INestApplicationContext): void {
  const reflector = app.get(Reflector);
  for (const module of app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype === 'function') requireOf(metatype, reflector);
    }
  }
}

function requireOf(controller: { name: string; prototype: object }, reflector: Reflector): void {
  for (const name of Object.getOwnPropertyNames(controller.prototype)) {
    const handler: unknown = Object.getOwnPropertyDescriptor(controller.prototype, name)?.value;
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
    const targets = [handler, controller] as Parameters<Reflector['getAllAndOverride']>[1];
    const access = reflector.getAllAndOverride<Access | undefined>(ACCESS_METADATA, targets);
    assert(access !== undefined, `${controller.name}.${name} needs @Requires or @Public`);
  }
}
