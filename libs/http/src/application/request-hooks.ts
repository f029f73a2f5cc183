import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ErrorCode, refuse } from '#libs/contracts';
import type { FoundSecret, SecretScrubber } from '../problems/secret-scrubber.js';
import { inspectUrl } from '../requests/inspect-url.js';
import { userAgentOf } from '../requests/request-state.js';
import type { BodyBudget } from './body-budget.js';
import type { RouteTable } from './route-table.js';

/** A token string was seen in a URL: whoever kept the URL has it, so it is as good as leaked. */
export interface SecretSighting {
  readonly secret: FoundSecret;
  readonly code: ErrorCode;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly method: string;
  /** Without query, the token cut to its prefix. */
  readonly path: string;
}

export interface HookServices {
  readonly bodies: BodyBudget;
  readonly scrubber: SecretScrubber;
  readonly routes: RouteTable;
  /** Must not throw. */
  readonly onSecretInUrl: (sighting: SecretSighting) => void;
}

/** What happens to every request before its route looks at it. Callbacks, not promises: they run on the hot path. */
export function installRequestHooks(instance: FastifyInstance, services: HookServices): void {
  const { bodies, scrubber, routes, onSecretInUrl } = services;
  instance.decorateRequest('ledger', null);
  instance.addHook('onRoute', ({ method, url }) => routes.add(method, url));
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    scrubUserAgent(request, scrubber);
    if (
      request.raw.httpVersionMajor === 1 &&
      request.raw.httpVersionMinor === 1 &&
      request.headers.host === undefined
    ) {
      done(refuse('invalid_request', { detail: 'The Host header is missing.' }));
      return;
    }
    if (!bodies.admit(request)) {
      // What has not been sent yet need not be: the connection ends with this answer.
      void reply.header('connection', 'close');
      done(refuse('not_ready', { detail: 'Too many large requests are being received.', headers: RETRY }));
      return;
    }
    const target = request.raw.url ?? '/';
    const fault = isPlain(target) ? null : inspectUrl(target, scrubber);
    if (fault?.secret !== undefined) {
      onSecretInUrl(sightingOf(request, fault.secret, { code: fault.refusal.code, path: scrubber.pathOf(target) }));
    }
    if (fault === null) done();
    else done(fault.refusal);
  });
}

/** It is recorded, and refusing a request for what its client calls itself would help nobody. */
function scrubUserAgent({ headers }: FastifyRequest, scrubber: SecretScrubber): void {
  const userAgent = headers['user-agent'];
  if (userAgent?.includes('_') === true) headers['user-agent'] = scrubber.scrub(userAgent);
}

const RETRY = { 'retry-after': '1' };

/** Too short for a token string, and without anything to decode. */
function isPlain(target: string): boolean {
  return target.length < 64 && !target.includes('?') && !target.includes('%');
}

function sightingOf(
  request: FastifyRequest,
  secret: FoundSecret,
  { code, path }: Pick<SecretSighting, 'code' | 'path'>,
): SecretSighting {
  const { ip, id: requestId, method } = request;
  return { secret, code, ip, userAgent: userAgentOf(request), requestId, method, path };
}
