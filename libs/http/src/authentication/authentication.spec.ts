import { Controller, Get, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandContext, type Principal, refuse } from '#libs/contracts';
import { Caller, Ctx } from '../requests/parameters.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';
import { Public, Requires } from './access.js';

const OPERATIONS = { operations: true, endpoints: [] };
const CALLERS = new Map<string, Principal>([
  ['all', testPrincipal()],
  ['reader', testPrincipal({}, { scopes: ['tokens:read'] })],
  ['family', testPrincipal({}, { scopes: ['tokens:*'] })],
  ['models', testPrincipal({}, { scopes: ['models:*'] })],
  ['no-scope', testPrincipal({}, { scopes: [] })],
  ['no-operations', testPrincipal({}, { access: { operations: false, endpoints: 'all' } })],
  ['client', testPrincipal({}, { type: 'client', access: { operations: false, endpoints: 'all' } })],
  ['gateway', testPrincipal({}, { type: 'client', access: OPERATIONS, scopes: ['tokens:write'] })],
  ['monitoring', testPrincipal({}, { type: 'monitoring', access: OPERATIONS })],
]);

@Controller('v1/calls')
@Requires('tokens:write')
class CallController {
  @Get('who')
  @Requires('any')
  who(@Caller() principal: Principal, @Query('q') _needle?: string): object {
    return { uid: principal.actor.uid };
  }

  @Get('profile')
  @Requires('operations')
  profile(): object {
    return {};
  }

  @Post()
  write(@Ctx() context: CommandContext): object {
    const { ids, ...rest } = context;
    return { ...rest, id: ids.uid('tok') };
  }

  @Get('open')
  @Public()
  open(@Ctx() context: CommandContext): object {
    return context.actor;
  }

  @Get('denied')
  @Requires('tokens:read')
  denied(@Query('x') _x?: string): never {
    throw refuse('permission_denied');
  }
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [CallController], callers: CALLERS });
});
afterAll(() => application.close());

const write = (authorization: string | string[] | undefined) =>
  application.inject({
    method: 'POST',
    url: '/v1/calls',
    // The types of inject know one Authorization header only; its wire takes two.
    headers: authorization === undefined ? {} : { authorization: authorization as string },
  });

const BARE = 'Bearer realm="token-ledger"';
const INVALID_REQUEST = `${BARE}, error="invalid_request"`;

describe('a call without a good credential', () => {
  it.each([
    { what: 'none', authorization: undefined, status: 401, code: 'missing_token', challenge: BARE },
    { what: 'empty', authorization: '', status: 401, code: 'missing_token', challenge: BARE },
    { what: 'another scheme', authorization: 'Basic Zm9v', status: 401, code: 'wrong_scheme', challenge: BARE },
    { what: 'no scheme', authorization: 'tlp_abcdefgh12345678_x', status: 401, code: 'wrong_scheme', challenge: BARE },
    { what: 'no token', authorization: 'Bearer', status: 400, code: 'malformed_token', challenge: INVALID_REQUEST },
    {
      what: 'two headers',
      authorization: ['Bearer all', 'Bearer all'],
      status: 400,
      code: 'malformed_token',
      challenge: INVALID_REQUEST,
    },
    {
      what: 'an unknown token',
      authorization: 'Bearer nobody',
      status: 401,
      code: 'unknown_token',
      challenge: `${BARE}, error="invalid_token"`,
    },
  ])('$status $code: $what', async ({ authorization, status, code, challenge }) => {
    const answer = await write(authorization);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(answer.headers['www-authenticate']).toBe(challenge);
  });
});

describe('a call with a good credential', () => {
  it.each(['all', 'family', 'gateway'])('is made with the scope: %s', async (token) => {
    expect((await write(`Bearer ${token}`)).statusCode).toBe(201);
  });

  it('403: lacks the scope, and hears which', async () => {
    const answer = await write('Bearer reader');
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'insufficient_scope', scope: 'tokens:write' });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="token-ledger", error="insufficient_scope", scope="tokens:write"',
    );
  });

  it.each([
    ['no-operations', 'operations_not_allowed'],
    ['client', 'wrong_token_type'],
    ['monitoring', 'wrong_token_type'],
  ])('B5, U4, B15: 403 for %s: %s', async (token, code) => {
    const answer = await write(`Bearer ${token}`);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code });
    expect(answer.headers['www-authenticate']).toBeUndefined();
  });

  it('reports each 403 of a known caller, so that it can be recorded', async () => {
    await application.inject({
      method: 'GET',
      url: '/v1/calls/denied?x=',
      headers: { authorization: 'Bearer reader' },
    });
    expect(application.authenticator.refusedCalls.at(-1)).toMatchObject({
      code: 'permission_denied',
      method: 'GET',
      path: '/v1/calls/denied',
      principal: { token: { scopes: ['tokens:read'] } },
    });
  });

  it.each(['bearer all', 'BEARER all'])('I7: the scheme is case-insensitive: %s', async (authorization) => {
    const answer = await write(authorization);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['warning']).toBeUndefined();
  });

  it.each(['Bearer   all', 'Bearer\tall', 'Bearer all  '])(
    'I7: blanks around the token are trimmed, with a warning: %j',
    async (authorization) => {
      const answer = await write(authorization);
      expect(answer.statusCode).toBe(201);
      expect(answer.headers['warning']).toMatch(/^299 - "/);
    },
  );

  it('needs no scope where any credential is enough', async () => {
    const answer = await application.inject({
      method: 'GET',
      url: '/v1/calls/who',
      headers: { authorization: 'Bearer no-operations' },
    });
    expect(answer.json()).toEqual({ uid: testPrincipal().actor.uid });
  });
});

describe('a call that every credential for management calls may make', () => {
  const profile = (caller: string) =>
    application.inject({ method: 'GET', url: '/v1/calls/profile', headers: { authorization: `Bearer ${caller}` } });

  it.each(['all', 'reader', 'family', 'gateway'])('is made whatever the scope is: %s', async (caller) => {
    expect((await profile(caller)).statusCode).toBe(200);
  });

  it.each([
    ['no-operations', 'operations_not_allowed'],
    ['client', 'wrong_token_type'],
    ['monitoring', 'wrong_token_type'],
    ['models', 'insufficient_scope'],
    ['no-scope', 'insufficient_scope'],
  ])('B5, U4, B15: 403 for %s: %s', async (caller, code) => {
    const answer = await profile(caller);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, code]);
  });
});

describe('the context of a command', () => {
  it('names actor, credential, request, address, client and instant', async () => {
    const answer = await application.inject({
      method: 'POST',
      url: '/v1/calls',
      headers: { authorization: 'Bearer all', 'x-request-id': 'r-1', 'user-agent': 'spec/1 ü' },
      remoteAddress: '203.0.113.9',
    });
    const { actor, token } = testPrincipal();
    expect(answer.json()).toMatchObject({
      actor,
      credential: token.uid,
      requestId: 'r-1',
      correlationId: 'r-1',
      ip: '203.0.113.9',
      userAgent: 'spec/1 ?',
      at: application.clock.now(),
    });
  });

  it('is anonymous where the call is public', async () => {
    const answer = await application.inject({ method: 'GET', url: '/v1/calls/open' });
    expect(answer.json()).toEqual({ type: 'anonymous', uid: 'anonymous' });
  });

  it('tells the authenticator whether another site caused the request', async () => {
    const cases: [Record<string, string>, boolean][] = [
      [{}, false],
      [{ 'sec-fetch-site': 'same-origin' }, false],
      [{ 'sec-fetch-site': 'same-site' }, true],
      [{ 'sec-fetch-site': 'cross-site' }, true],
      [{ origin: 'http://ledger.test', host: 'ledger.test' }, false],
      [{ origin: 'http://evil.test', host: 'ledger.test' }, true],
    ];
    for (const [headers, crossSite] of cases) {
      const sent = { authorization: 'Bearer all', cookie: 'session=1', ...headers };
      await application.inject({ method: 'GET', url: '/v1/calls/who', headers: sent });
      expect(application.authenticator.presented.at(-1)).toMatchObject({ crossSite, cookie: 'session=1' });
    }
  });

  it('believes X-Forwarded-For from trusted proxies only', async () => {
    const trusting = await startTestApplication({
      controllers: [CallController],
      callers: CALLERS,
      trustedProxies: ['10.0.0.0/8'],
    });
    const headers = { authorization: 'Bearer all', 'x-forwarded-for': '198.51.100.1' };
    const via = async (where: TestApplication, remoteAddress: string) =>
      (await where.inject({ method: 'POST', url: '/v1/calls', headers, remoteAddress })).json<{ ip: string }>().ip;
    expect(await via(trusting, '10.1.2.3')).toBe('198.51.100.1');
    expect(await via(trusting, '192.0.2.1')).toBe('192.0.2.1');
    expect(await via(application, '10.1.2.3')).toBe('10.1.2.3');
    await trusting.close();
  });
});

describe('an application', () => {
  it('does not start with a handler that says nothing of who may call it', async () => {
    @Controller('v1/forgotten')
    class ForgottenController {
      @Get()
      forgotten(): string {
        return 'open to all';
      }
    }
    const start = startTestApplication({ controllers: [ForgottenController] });
    await expect(start).rejects.toThrow('ForgottenController.forgotten needs @Requires or @Public');
  });
});

describe('the log', () => {
  it('has one line for each request: method, path without query, status, duration, actor', async () => {
    await application.inject({
      method: 'GET',
      url: '/v1/calls/who?q=needle',
      headers: { authorization: 'Bearer all', 'x-request-id': 'logged-1' },
    });
    const lines = application.lines.filter(({ reqId }) => reqId === 'logged-1');
    expect(lines).toEqual([
      expect.objectContaining({
        level: 'info',
        msg: 'request',
        method: 'GET',
        path: '/v1/calls/who',
        status: 200,
        ms: expect.any(Number),
        actor: testPrincipal().actor.uid,
      }),
    ]);
    expect(JSON.stringify(application.lines)).not.toMatch(/needle|Bearer/);
  });
});
