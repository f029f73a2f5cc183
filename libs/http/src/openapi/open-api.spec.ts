import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE } from '#libs/contracts';
import { RouteTable } from '../application/route-table.js';
import { Public, Requires } from '../authentication/access.js';
import { MoneyMoving } from '../idempotency/idempotency-metadata.js';
import { rawRoute } from '../raw/raw-route.js';
import { ListQuery } from '../requests/list-query.dto.js';
import { startTestApplication, type TestApplication } from '../testing/index.js';
import { ApiResponses } from './api-responses.js';
import type { OpenApiDocument, Operation } from './open-api-document.js';

@Controller('v1/charges')
@Requires('billing:read')
class ChargeController {
  @Get()
  list(@Query() query: ListQuery): object {
    return query;
  }

  @Get(':uid')
  @ApiResponses('not_found')
  @ApiOkResponse({ description: 'The charge.' })
  get(@Param('uid') uid: string): object {
    return { uid };
  }

  @Post()
  @MoneyMoving()
  @Requires('billing:write')
  @ApiResponses('insufficient_credits')
  create(): object {
    return {};
  }

  @Get('open/price')
  @Public()
  price(): object {
    return {};
  }
}

const verify = rawRoute({
  method: 'POST',
  path: '/v1/verify/:kind',
  summary: 'Verifies',
  tag: 'Verification',
  requires: 'tokens:verify',
  errors: ['rate_limited'],
  body: { type: 'object', additionalProperties: false, properties: { token: { type: 'string' } } },
  answers: {
    200: { description: 'The verdict.', schema: { type: 'object', properties: { valid: { type: 'boolean' } } } },
  },
  handler: () => ({ valid: true }),
});

let application: TestApplication;
let document: OpenApiDocument;
beforeAll(async () => {
  application = await startTestApplication({
    controllers: [ChargeController],
    rawRoutes: [verify],
    openApi: { title: 'Sample', version: '7' },
  });
  document = (await application.inject({ method: 'GET', url: '/openapi.json' })).json<OpenApiDocument>();
});
afterAll(() => application.close());

function operation(method: string, path: string): Operation {
  const found = document.paths[path]?.[method];
  if (found === undefined) throw new Error(`no ${method} ${path} in ${Object.keys(document.paths).join(', ')}`);
  return found;
}

const statuses = (found: Operation) => Object.keys(found.responses).sort();
const parameters = (found: Operation) => (found.parameters ?? []).map(({ name, required }) => [name, required]);

describe('/openapi.json', () => {
  it('is OpenAPI 3.1, for everyone', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Sample', version: '7' } });
  });

  it('holds every route of the router and no other, however it was declared', () => {
    const routed = application.app
      .get(RouteTable)
      .entries()
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.sort()).toEqual(routed.sort());
  });

  it('has the refusals of a call by status: its own, and those of its kind', () => {
    const read = operation('get', '/v1/charges/{uid}');
    expect(statuses(read)).toEqual(['200', '400', '401', '403', '404', '500', '503']);
    expect(read['x-error-codes']).toEqual(expect.arrayContaining(['not_found', 'missing_token', 'invalid_position']));
    expect(read.responses['404']).toMatchObject({
      description: `\`not_found\`: ${ERROR_CATALOGUE.not_found.meaning}`,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  });

  it('says who may call, and with which headers', () => {
    const read = operation('get', '/v1/charges/{uid}');
    expect(read.security).toEqual([{ bearer: [] }]);
    expect(parameters(read)).toEqual([
      ['uid', true],
      ['Ledger-Min-Position', false],
    ]);
    const write = operation('post', '/v1/charges');
    expect(write).toMatchObject({ 'x-access': 'billing:write', 'x-money-moving': true });
    expect(parameters(write)).toEqual([['Idempotency-Key', true]]);
    expect(write.responses['201']).toMatchObject({ headers: { 'Ledger-Position': {} } });
    expect(statuses(write)).toEqual(['201', '400', '401', '402', '403', '422', '500', '503']);
    const open = operation('get', '/v1/charges/open/price');
    expect([open.security, open.parameters, statuses(open)]).toEqual([[], [], ['200', '400', '500']]);
  });

  it('says that tokens are bearer tokens, and of no other format', () => {
    const { securitySchemes } = document.components;
    expect(securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer', description: expect.any(String) } });
  });

  it('gives lists a limit that may be left out: an integer from 1 to 1000, 50 when absent', () => {
    const limit = operation('get', '/v1/charges').parameters?.find(({ name }) => name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 1000, default: 50 },
    });
  });

  it('lets no call wait for a position that answers from no read model', () => {
    const metrics = operation('get', '/metrics');
    expect(parameters(metrics)).toEqual([]);
    expect(metrics['x-error-codes']).not.toContain('invalid_position');
  });

  it('tells where an unknown field is refused: everywhere but where a route is open to what others add', () => {
    const codes = (method: string, path: string) => operation(method, path)['x-error-codes'];
    for (const path of ['/v1/charges/open/price', '/metrics', '/docs']) {
      expect(codes('get', path)).toContain('unknown_field');
    }
    expect(codes('get', '/health/live')).not.toContain('unknown_field');
  });

  it('describes a raw route from its declaration', () => {
    const raw = operation('post', '/v1/verify/{kind}');
    expect(raw).toMatchObject({ summary: 'Verifies', tags: ['Verification'], 'x-access': 'tokens:verify' });
    expect(parameters(raw)).toEqual([['kind', true]]);
    expect(raw.requestBody).toMatchObject({
      content: { 'application/json': { schema: { additionalProperties: false } } },
    });
    expect(raw.responses['200']).toMatchObject({ content: { 'application/json': { schema: { type: 'object' } } } });
    expect(statuses(raw)).toEqual(['200', '400', '401', '403', '413', '415', '429', '500', '503']);
  });

  it('names every code of the catalogue in the schema of a problem', () => {
    const { Problem } = document.components.schemas as { Problem: { properties: { code: { enum: string[] } } } };
    expect(Problem.properties.code.enum).toEqual(Object.keys(ERROR_CATALOGUE));
  });
});

describe('the documentation pages', () => {
  const get = (url: string) => application.inject({ method: 'GET', url });

  it('load everything from this host, and may load nothing else', async () => {
    const page = await get('/docs');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url);
    expect(assets).toHaveLength(3);
    for (const url of assets) {
      const asset = await get(url);
      expect([url, asset.statusCode]).toEqual([url, 200]);
      expect(asset.headers['content-type']).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    }
    expect((await get('/docs/start.js')).body).toContain('validatorUrl: null');
  });

  it('are where the bare address leads', async () => {
    const { statusCode, headers } = await get('/');
    expect([statusCode, headers.location]).toEqual([302, '/docs']);
  });

  it('explain every error under the anchor that its type names', async () => {
    const page = await get('/docs/errors');
    for (const code of Object.keys(ERROR_CATALOGUE)) expect(page.body).toContain(`<tr id="${code}">`);
  });
});
