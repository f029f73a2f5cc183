import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Param } from '@nestjs/common';
import { Gauge } from 'prom-client';
import type { Principal } from '#libs/contracts';
import { Public } from '../authentication/access.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';
import { HealthChecks } from './health-checks.js';
import { MetricsRegistry } from './metrics-registry.js';

const OFF = { operations: false, endpoints: [] };
const CALLERS = new Map<string, Principal>([
  ['monitoring', testPrincipal({}, { type: 'monitoring', access: OFF, scopes: [] })],
  ['admin', testPrincipal({ instanceRoles: ['admin'] })],
  ['auditor', testPrincipal({ instanceRoles: ['auditor'] })],
  ['user', testPrincipal()],
  ['narrow', testPrincipal({ instanceRoles: ['admin'] }, { scopes: ['tokens:read'] })],
  ['endpoints-only', testPrincipal({ instanceRoles: ['admin'] }, { access: OFF })],
  ['client', testPrincipal({ instanceRoles: ['admin'] }, { type: 'client' })],
]);

@Controller('v1/things')
@Public()
class ThingController {
  @Get(':uid')
  get(@Param('uid') uid: string): object {
    return { uid };
  }
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [ThingController], callers: CALLERS });
});
afterAll(() => application.close());

const get = (url: string, token?: string) =>
  application.inject({ method: 'GET', url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

describe('/health', () => {
  it.each(['/health/live', '/health', '/healthz'])('%s answers as long as the process does', async (url) => {
    expect((await get(url)).json()).toEqual({ status: 'live' });
  });

  it('/health/ready is 200 when every part is well, with what each part tells', async () => {
    application.app.get(HealthChecks).add('clock', () => ({ ok: true, detail: { offsetMs: 0 } }));
    const answer = await get('/health/ready');
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { status: 'ready', checks: { clock: { ok: true, detail: { offsetMs: 0 } } } },
    ]);
  });
});

describe('HealthChecks', () => {
  let checks: HealthChecks;
  beforeEach(() => {
    checks = new HealthChecks();
  });

  it('is not ready when one part is not well', async () => {
    checks.add('a', () => ({ ok: true }));
    checks.add('b', async () => ({ ok: false, detail: 'lag' }));
    expect(await checks.readiness()).toEqual({
      status: 'not_ready',
      checks: { a: { ok: true }, b: { ok: false, detail: 'lag' } },
    });
  });

  it('shows nothing of why a check failed', async () => {
    checks.add('database', () => Promise.reject(new Error('no route to db.internal')));
    checks.add('cache', () => {
      throw new Error('user postgres');
    });
    expect(JSON.stringify(await checks.readiness())).not.toMatch(/internal|postgres/);
  });

  it('does not wait for a part that never answers', async () => {
    const impatient = new HealthChecks(5);
    impatient.add('hung', () => new Promise(() => undefined));
    expect(await impatient.readiness()).toEqual({
      status: 'not_ready',
      checks: { hung: { ok: false, detail: 'no answer within 5 ms' } },
    });
  });

  it('runs once for all who ask at the same time, and again for the next', async () => {
    let ran = 0;
    checks.add('counted', () => ({ ok: (ran += 1) > 0 }));
    await Promise.all([checks.readiness(), checks.readiness(), checks.readiness()]);
    expect(ran).toBe(1);
    await checks.readiness();
    expect(ran).toBe(2);
  });

  it('is draining, whatever the parts say, once the process goes down', async () => {
    checks.add('a', () => ({ ok: true }));
    checks.startDraining();
    expect((await checks.readiness()).status).toBe('draining');
  });
});

describe('/metrics', () => {
  it.each(['monitoring', 'admin', 'auditor'])('B15: is shown to %s', async (token) => {
    const answer = await get('/metrics', token);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });

  it.each([
    [undefined, 401, 'missing_token'],
    ['user', 403, 'permission_denied'],
    ['narrow', 403, 'insufficient_scope'],
    ['endpoints-only', 403, 'operations_not_allowed'],
    ['client', 403, 'wrong_token_type'],
  ])('is not shown to %s: %i %s', async (token, status, code) => {
    const answer = await get('/metrics', token);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });

  it('counts requests by route template and status, never by what callers made up', async () => {
    await get('/v1/things/made-up-1');
    await get('/v1/things/made-up-2');
    await get('/v1/made-up-3');
    const { body } = await get('/metrics', 'admin');
    expect(body).toContain(
      'http_server_request_duration_seconds_count{route="/v1/things/:uid",method="GET",status="200"} 2',
    );
    expect(body).toContain('http_server_request_duration_seconds_count{route="unmatched",method="GET",status="404"}');
    expect(body).not.toContain('made-up');
  });

  it('shows what any part of the process registers', async () => {
    const registry = application.app.get(MetricsRegistry);
    new Gauge({ name: 'token_ledger_sample', help: 'A sample.', registers: [registry] }).set(42);
    expect((await get('/metrics', 'admin')).body).toContain('token_ledger_sample 42');
  });
});
