import { createHash } from 'node:crypto';
import { canonicalJson } from '#libs/kernel';
import type { UseRequest } from './domain/use-request.js';

/**
 * SHA-256 (hex) of what makes two requests with one key the same. Address and user agent are left out: a retry may
 * come by another way. The token stands in it by its uid, never by its secret.
 */
export function fingerprintOf(tokenUid: string, request: UseRequest): string {
  const { requester, scope, resource, project, environment, operation } = request;
  return sha256(
    canonicalJson({
      tokenUid,
      requester,
      scope,
      resource,
      project,
      environment,
      operation,
      cost: request.cost.toString(),
    }),
  );
}

/** SHA-256 (hex) of caller and key: keys of different callers never meet. */
export function keyHashOf(caller: string, key: string): string {
  return sha256(`${caller}\u0000${key}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
