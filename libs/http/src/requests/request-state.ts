import type { FastifyRequest } from 'fastify';
import type { CommandContext, Principal } from '#libs/contracts';
import { assert, type Clock, type IdSource, SeededIds } from '#libs/kernel';

/** What the idempotency key of a request was claimed with. */
export interface RequestClaim {
  readonly keyHash: string;
  readonly fingerprint: string;
  readonly seed: string;
  readonly atMs: number;
}

/** What the ledger knows of a request besides its content. */
export interface RequestState {
  readonly principal: Principal | null;
  readonly clock: Clock;
  readonly ids: IdSource;
  claim: RequestClaim | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known; null before, and while an error of the request line is answered. */
    ledger: RequestState | null;
  }
}

/** Who sent the request; null where the call is public. */
export function principalOf(request: FastifyRequest): Principal | null {
  return request.ledger?.principal ?? null;
}

/** The context of the command that this request is. With an idempotency key, ids and instant are those of its first claim. */
export function contextOf(request: FastifyRequest): CommandContext {
  const { ledger: state } = request;
  assert(state !== null, 'the request has not passed authentication');
  const { principal, claim } = state;
  const userAgent = userAgentOf(request);
  return {
    actor: principal?.actor ?? { type: 'anonymous', uid: 'anonymous' },
    ...(principal === null ? {} : { credential: principal.token.uid }),
    requestId: request.id,
    correlationId: request.id,
    ip: request.ip,
    ...(userAgent === null ? {} : { userAgent }),
    at: claim?.atMs ?? state.clock.now(),
    ids: claim === null ? state.ids : new SeededIds(claim.seed, claim.atMs),
    ...(claim === null ? {} : { idempotency: { keyHash: claim.keyHash, fingerprint: claim.fingerprint } }),
  };
}

/** The `User-Agent` as every store can keep it: at most 512 visible ASCII characters. */
export function userAgentOf(request: FastifyRequest): string | null {
  const header = request.headers['user-agent'];
  return header === undefined ? null : header.slice(0, 512).replaceAll(/[^\x20-\x7e]/g, '?');
}
