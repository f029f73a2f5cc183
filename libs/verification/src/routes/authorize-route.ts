import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, isRefusal, parseAuthorization, refuse } from '#libs/contracts';
import { formatPosition } from '#libs/event-log';
import { presentedBy, rawRoute, type RawRoute } from '#libs/http';
import { holdsTokenString } from '#libs/tokens/domain';
import type { Accepted, Refused } from '../verdict.js';
import type { Verifier } from '../verifier.js';
import { useRequestOfHeaders } from './use-request-of.js';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'] as const;
const RETRY_AFTER = { 'retry-after': '1' };

interface Credential {
  readonly presented: string | null;
  readonly misfit?: ErrorCode;
  readonly trimmed: boolean;
}

/** `ANY /v1/authorize`: the same question as `POST /v1/verify`, for gateways that ask by sending the request's headers on. */
export function authorizeRoute(verifier: Verifier): RawRoute {
  return rawRoute({
    method: METHODS,
    path: '/v1/authorize',
    tag: 'Verification',
    summary: 'For gateways: may this request pass, and who pays?',
    description:
      'Reads the original `Authorization`, `X-Requester-Uid` (or `Instill-Requester-Uid`), and `X-Ledger-Scope`, ' +
      '`-Resource`, `-Project`, `-Environment`, `-Operation`, `-Cost` and `Idempotency-Key` as the gateway sets them. ' +
      'A refusal repeats its problem document in the header `X-Ledger-Problem`, for gateways that read no body.',
    requires: 'public',
    bodyKind: 'bytes',
    // A gateway may leave the query of the original request in its question, as Envoy does: it is not for this call.
    query: 'open',
    answers: { 200: { description: 'It may pass; the headers tell the upstream who it is and who pays.' } },
    errors: AUTHORIZE_REFUSALS,
    quiet: true,
    problemInHeader: true,
    handler: (request, reply) => authorize(verifier, request, reply),
  });
}

const AUTHORIZE_REFUSALS: readonly ErrorCode[] = [
  'missing_token',
  'malformed_token',
  'checksum_mismatch',
  'wrong_scheme',
  'unknown_token',
  'expired_token',
  'revoked_token',
  'disabled_token',
  'owner_inactive',
  'malformed_requester',
  'insufficient_scope',
  'resource_not_allowed',
  'project_not_allowed',
  'environment_not_allowed',
  'ip_not_allowed',
  'requester_not_allowed',
  'insufficient_credits',
  'idempotency_key_reused',
  'validation_failed',
  'secret_in_request',
  'verification_unavailable',
];

async function authorize(verifier: Verifier, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { ip, userAgent, authorization } = presentedBy(request);
  const credential = holdsToken(request) ? IN_QUERY : read(authorization);
  if (credential.trimmed) {
    void reply.header('warning', '299 - "blanks around the token in Authorization were ignored"');
  }
  const { verdict, position } = await verifier.verify({
    presented: credential.presented,
    ...(credential.misfit === undefined ? {} : { misfit: credential.misfit }),
    request: useRequestOfHeaders(request.headers, { ip, userAgent }),
    caller: null,
    requestId: request.id,
    confirmed: false,
  });
  if (position !== null) void reply.header('ledger-position', formatPosition(position));
  if (!verdict.valid) throw refusalOf(verdict);
  describe(verdict, reply);
  return reply.send();
}

/** Where gateways tell the address of the request that they ask about. */
const ORIGINAL_ADDRESS = ['x-original-uri', 'x-forwarded-uri', 'x-original-url', 'x-envoy-original-path'];
const IN_QUERY: Credential = { presented: null, misfit: 'malformed_token', trimmed: false };

/** A token in the address of the original request: it stands in logs by now, and is refused however good it is. */
function holdsToken({ headers }: FastifyRequest): boolean {
  return ORIGINAL_ADDRESS.some((name) => {
    const address = headers[name];
    return typeof address === 'string' && address.includes('_') && holdsTokenString(address);
  });
}

function read(authorization: string | readonly string[] | undefined): Credential {
  try {
    const header = parseAuthorization(authorization);
    if (header === null) return { presented: null, trimmed: false };
    if (header.scheme !== 'bearer') return { presented: null, misfit: 'wrong_scheme', trimmed: false };
    if (header.token === '') return { presented: null, misfit: 'malformed_token', trimmed: false };
    return { presented: header.token, trimmed: header.trimmed };
  } catch (error) {
    if (isRefusal(error)) return { presented: null, misfit: error.code, trimmed: false };
    throw error;
  }
}

/** The refusal as the gateway sends it on; its challenge is the one that the verdict carries. */
function refusalOf({ code, detail, wwwAuthenticate, status }: Refused): Error {
  return refuse(code, {
    detail,
    headers: {
      ...(wwwAuthenticate === undefined ? {} : { 'www-authenticate': wwwAuthenticate }),
      ...(status === 503 ? RETRY_AFTER : {}),
    },
  });
}

function describe(verdict: Accepted, reply: FastifyReply): void {
  void reply
    .header('x-token-uid', verdict.tokenUid)
    .header('x-token-owner', verdict.owner.uid)
    .header('x-token-type', verdict.type)
    .header('x-use-id', verdict.useId);
  if (verdict.payer !== null) void reply.header('charged-to', verdict.payer);
  if (verdict.chargeId !== undefined) void reply.header('charge-id', verdict.chargeId);
  if (verdict.expiresAt !== null) void reply.header('token-expires-at', verdict.expiresAt);
  if (verdict.replayed === true) void reply.header('idempotent-replayed', 'true');
}
