import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FastifyReply } from 'fastify';
import { rawRoute, type RawRoute } from '../raw/raw-route.js';
import { errorsPage } from './errors-page.js';
import type { OpenApiDocument } from './open-api-document.js';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** Nothing from another host, nothing inline but styles, which the page's library sets. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Token Ledger API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;

/** `validatorUrl: null`: without it, the page would send the document to a third party's validator. */
const START = `SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#api', deepLinking: true, docExpansion: 'none', validatorUrl: null
});
`;

interface DocsFile {
  readonly path: string;
  readonly summary: string;
  readonly contentType: string;
  readonly content: () => string | Promise<string | Buffer>;
}

const packageFile = (name: string) => () => readFile(createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`));

/** `/openapi.json`, the page `/docs` that shows it and to which `/` leads, and `/docs/errors`, where the `type` of every error leads. */
export function docsRoutes(document: () => OpenApiDocument): RawRoute[] {
  const files: readonly DocsFile[] = [
    {
      path: '/openapi.json',
      summary: 'This document',
      contentType: 'application/json',
      content: () => JSON.stringify(document()),
    },
    { path: '/docs', summary: 'The API on a page', contentType: HTML, content: () => PAGE },
    { path: '/docs/errors', summary: 'Every error code, explained', contentType: HTML, content: errorsPage },
    { path: '/docs/start.js', summary: 'Script of the page', contentType: SCRIPT, content: () => START },
    {
      path: '/docs/swagger-ui-bundle.js',
      summary: 'Library of the page',
      contentType: SCRIPT,
      content: packageFile('swagger-ui-bundle.js'),
    },
    {
      path: '/docs/swagger-ui.css',
      summary: 'Style of the page',
      contentType: STYLE,
      content: packageFile('swagger-ui.css'),
    },
  ];
  return [ROOT, ...files.map(fileRoute)];
}

/** Whoever opens the address that the start printed wants to see something. */
const ROOT = rawRoute({
  method: 'GET',
  path: '/',
  summary: 'Leads to the page',
  tag: 'Documentation',
  requires: 'public',
  quiet: true,
  openApi: { operationId: 'get_root' },
  answers: { 302: { description: 'To `/docs`.' } },
  handler: (_request, reply: FastifyReply) => reply.redirect('/docs'),
});

function fileRoute({ path, summary, contentType, content }: DocsFile): RawRoute {
  let kept: Promise<string | Buffer> | null = null;
  const read = async (): Promise<string | Buffer> => {
    // A failure is not kept: the next request tries again.
    kept ??= Promise.resolve(content()).catch((error: unknown) => {
      kept = null;
      throw error;
    });
    return kept;
  };
  return rawRoute({
    method: 'GET',
    path,
    summary,
    tag: 'Documentation',
    requires: 'public',
    quiet: true,
    answers: { 200: { description: summary, contentType, documentation: { type: 'string' } } },
    handler: async (_request, reply: FastifyReply) => {
      void reply.headers({
        'content-type': contentType,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-cache',
      });
      return read();
    },
  });
}
