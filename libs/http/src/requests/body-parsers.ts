import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { refuse, refuseField } from '#libs/contracts';
import { refuseBody } from '../problems/refuse-invalid.js';
import type { BodyKind } from '../raw/raw-route.js';
import { formPairs, repeatedName } from './form-pairs.js';
import { parseJsonBody, requireObject } from './json-body.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** How the route takes its body. */
    bodyKind: BodyKind;
  }
  interface FastifyContextConfig {
    bodyKind?: BodyKind;
  }
}

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/** Replaces Fastify's body parsers: JSON for every route that does not ask for another kind, nothing guessed. */
export function installBodyParsers(instance: FastifyInstance): void {
  instance.decorateRequest('bodyKind', 'json');
  instance.addHook('onRoute', markBodyKind);
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    settle(done, () => parseBody('json', request, body as Buffer));
  });
  instance.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    settle(done, () => parseBody('form', request, body as Buffer));
  });
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    settle(done, () => parseBody('bytes', request, body as Buffer));
  });
  // No body at all never reaches a parser.
  instance.addHook('preValidation', (request, _reply, done) => {
    if (request.body === undefined && request.method !== 'GET' && request.method !== 'HEAD') request.body = {};
    done();
  });
}

/** Runs before the body is parsed, on those few routes that take another kind than JSON. */
function markBodyKind(route: RouteOptions): void {
  const kind = route.config?.bodyKind;
  if (kind === undefined) return;
  const before = route.onRequest === undefined ? [] : [route.onRequest].flat();
  route.onRequest = [
    ...before,
    (request, _reply, done) => {
      request.bodyKind = kind;
      done();
    },
  ];
}

function settle(done: (error: Error | null, body?: unknown) => void, parse: () => unknown): void {
  let value: unknown;
  try {
    value = parse();
  } catch (error) {
    done(error as Error);
    return;
  }
  done(null, value);
}

function parseBody(sent: BodyKind, request: FastifyRequest, body: Buffer): unknown {
  if (request.bodyKind === 'bytes') return body;
  if (body.length === 0) return {};
  requireIdentity(request);
  if (request.bodyKind !== sent) throw refuse('unsupported_media_type', { headers: { accept: acceptedBy(request) } });
  const charset = CHARSET.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  if (charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii') throw refuse('unsupported_media_type');
  return sent === 'form' ? parseForm(body.toString('utf8')) : requireObject(parseJsonBody(body));
}

/** Nothing is decompressed here: a few bytes could become more than any limit that counts what was sent. */
function requireIdentity({ headers }: FastifyRequest): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding === '' || coding.toLowerCase() === 'identity') return;
  throw refuse('unsupported_media_type', {
    detail: 'Send the body as it is, without Content-Encoding.',
    headers: { 'accept-encoding': 'identity' },
  });
}

function acceptedBy(request: FastifyRequest): string {
  return request.bodyKind === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
}

function parseForm(text: string): Record<string, string> {
  const pairs = formPairs(text);
  if (pairs === null) throw refuseBody('The form holds a broken escape.');
  const repeated = repeatedName(pairs);
  if (repeated !== null) throw refuseField(repeated, 'is given more than once');
  if (pairs.some(([name]) => name === '__proto__')) throw refuseField('__proto__', 'is not known', 'unknown_field');
  return Object.fromEntries(pairs);
}
