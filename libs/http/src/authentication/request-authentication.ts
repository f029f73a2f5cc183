import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  hasScope,
  isRefusal,
  MANAGEMENT_SCOPES,
  parseAuthorization,
  type Principal,
  refuse,
  type TokenType,
} from '#libs/contracts';
import type { Clock, IdSource } from '#libs/kernel';
import { userAgentOf } from '../requests/request-state.js';
import type { Access } from './access.js';
import type { Authenticator, PresentedCredential } from './authenticator.js';

/** Tokens of these types are never for management calls, whatever their access says. */
const NEVER_MANAGES: ReadonlySet<TokenType> = new Set(['frontend', 'monitoring']);

/** Finds out who sent a request, and whether the call is theirs to make. */
export class RequestAuthentication {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly clock: Clock,
    private readonly ids: IdSource,
  ) {}

  /**
   * Sets `request.ledger`; refuses when the credential is not good, or not good for this call. With `inOutage` a caller
   * who cannot be confirmed now is taken as last known.
   */
  async admit(request: FastifyRequest, reply: FastifyReply, access: Access, inOutage = false): Promise<void> {
    if (access === 'public') {
      request.ledger = { principal: null, clock: this.clock, ids: this.ids, claim: null };
      return;
    }
    const presented = presentedBy(request);
    warnOfBlanks(presented.authorization, reply);
    const principal = await this.principalOf(presented, inOutage);
    request.ledger = { principal, clock: this.clock, ids: this.ids, claim: null };
    const refusal = refusalOfCall(principal, access);
    if (refusal !== null) throw refusal;
  }

  private async principalOf(presented: PresentedCredential, inOutage: boolean): Promise<Principal> {
    try {
      return await this.authenticator.authenticate(presented);
    } catch (error) {
      const isUnconfirmed = inOutage && isRefusal(error, 'verification_unavailable');
      const known = isUnconfirmed ? this.authenticator.lastKnown(presented) : null;
      if (known === null) throw error;
      return known;
    }
  }

  /**
   * Sets `request.ledger` where the caller is recognised by the state at hand and the call would be theirs to make, and
   * tells whether it is; refuses nothing, and confirms nothing.
   */
  recognise(request: FastifyRequest, access: Access): boolean {
    if (access === 'public') return false;
    const principal = this.authenticator.recognise(presentedBy(request));
    if (principal === null || refusalOfCall(principal, access) !== null) return false;
    request.ledger = { principal, clock: this.clock, ids: this.ids, claim: null };
    return true;
  }
}

/** Why the call is not the caller's to make; null when it is. */
function refusalOfCall(principal: Principal, scope: Exclude<Access, 'public'>): Error | null {
  if (scope === 'any') return null;
  const { type, access } = principal.token;
  if (NEVER_MANAGES.has(type) || (type === 'client' && !access.operations)) {
    return refuse('wrong_token_type', { detail: `A ${type} token is not for management calls.` });
  }
  if (!access.operations) return refuse('operations_not_allowed');
  if (scope === 'operations') return mayManage(principal) ? null : refuse('insufficient_scope', { detail: NO_SCOPE });
  if (hasScope(principal, scope)) return null;
  return refuse('insufficient_scope', { detail: `The token does not have the scope ${scope}.`, extra: { scope } });
}

const NO_SCOPE = 'The token has no scope for management calls.';

function mayManage(principal: Principal): boolean {
  return MANAGEMENT_SCOPES.some((scope) => hasScope(principal, scope));
}

/** What the request presents. Nothing is judged here. */
export function presentedBy(request: FastifyRequest): PresentedCredential {
  const { headers } = request;
  return {
    authorization: authorizationOf(request),
    cookie: headers.cookie,
    origin: headers.origin,
    crossSite: isCrossSite(request),
    method: request.method,
    ip: request.ip,
    userAgent: userAgentOf(request),
    requestId: request.id,
  };
}

/** Node keeps the first of two `Authorization` headers and drops the second: only the raw list shows both. */
function authorizationOf({ headers, raw }: FastifyRequest): string | readonly string[] | undefined {
  if (headers.authorization === undefined) return undefined;
  const found: string[] = [];
  const { rawHeaders } = raw;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 13 && name.toLowerCase() === 'authorization') found.push(rawHeaders[index + 1] ?? '');
  }
  return found.length > 1 ? found : headers.authorization;
}

/** A browser tells by `Sec-Fetch-Site`, an old one by an `Origin` that is not this host; other clients send neither. */
function isCrossSite({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const { origin } = headers;
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== host;
}

/** Blanks around a token were pasted along with it: it works, and the client hears of it (RFC 7234 §5.5). */
function warnOfBlanks(authorization: PresentedCredential['authorization'], reply: FastifyReply): void {
  if (typeof authorization !== 'string' || !/^\s|\s$|\s\s|\t/.test(authorization)) return;
  if (parseAuthorization(authorization)?.trimmed !== true) return;
  void reply.header('warning', '299 - "blanks around the token in Authorization were ignored"');
}
