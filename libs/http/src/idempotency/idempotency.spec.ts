import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommandContext, refuse } from '#libs/contracts';
import { LogUnavailable, type Position } from '#libs/event-log';
import { Written, written } from '../answers/written.js';
import { Public, Requires } from '../authentication/access.js';
import { Ctx } from '../requests/parameters.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';
import { MoneyMoving, ReplayAs } from './idempotency-metadata.js';

interface Run {
  readonly id: string;
  readonly at: number;
}

/** What the handlers below did, and what they shall do next. */
const runs: Run[] = [];
let next: () => Promise<void> = () => Promise.resolve();

async function run(context: CommandContext): Promise<Run> {
  const made = { id: context.ids.uid('tok'), at: context.at };
  runs.push(made);
  await next();
  return made;
}

const OTHER = testPrincipal({ actor: { type: 'user', uid: 'usr_other' } });
const ROTATED = testPrincipal({}, { uid: 'tok_other' });
const CALLERS = new Map([
  ['good', testPrincipal()],
  ['other', OTHER],
  ['rotated', ROTATED],
]);

@Controller('v1/keyed')
@Requires('tokens:write')
class KeyedController {
  @Post()
  async create(@Ctx() context: CommandContext, @Body() _body: object): Promise<Written> {
    return written(await run(context), 7n as Position, { location: '/v1/keyed/1' });
  }

  @Post('secret')
  @ReplayAs((body: { secret: string }) => ({ ...body, secret: null }))
  async secret(@Ctx() context: CommandContext, @Body() _body: object): Promise<object> {
    return { ...(await run(context)), secret: 'shown once' };
  }

  @Post('money')
  @HttpCode(200)
  @MoneyMoving()
  async money(@Ctx() context: CommandContext): Promise<object> {
    await run(context);
    return context.idempotency ?? {};
  }

  @Post('nothing')
  @HttpCode(204)
  async nothing(@Ctx() context: CommandContext): Promise<Written> {
    await run(context);
    return written(undefined, 8n as Position);
  }

  @Get()
  read(): object {
    return { runs: runs.length };
  }

  @Post('open')
  @Public()
  open(): object {
    return {};
  }
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [KeyedController], callers: CALLERS });
});
afterAll(() => application.close());
beforeEach(() => {
  runs.length = 0;
  next = () => Promise.resolve();
});

let keys = 0;
const newKey = () => `key-${(keys += 1)}`;

function post(key: string | undefined, body: object = {}, { path = '', token = 'good' } = {}) {
  return application.inject({
    method: 'POST',
    url: `/v1/keyed${path}`,
    payload: body,
    headers: { authorization: `Bearer ${token}`, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  });
}

describe('the same key with the same body', () => {
  it('gives the first answer again, with its position, and runs nothing', async () => {
    const key = newKey();
    const first = await post(key, { a: 1, b: 2 });
    const second = await post(key, { b: 2, a: 1 });
    expect(runs).toHaveLength(1);
    expect([second.statusCode, second.body]).toEqual([201, first.body]);
    expect(second.headers).toMatchObject({
      'ledger-position': '7',
      location: '/v1/keyed/1',
      'idempotent-replayed': 'true',
    });
    expect(first.headers).toMatchObject({ 'ledger-position': '7', location: '/v1/keyed/1' });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
  });

  it('gives an answer without a body again', async () => {
    const key = newKey();
    for (const replayed of [undefined, 'true']) {
      const answer = await post(key, {}, { path: '/nothing' });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect(answer.headers['idempotent-replayed']).toBe(replayed);
      expect(answer.headers['ledger-position']).toBe('8');
    }
  });

  it('never shows a secret twice, and never stores it', async () => {
    const key = newKey();
    expect((await post(key, {}, { path: '/secret' })).json()).toMatchObject({ secret: 'shown once' });
    expect((await post(key, {}, { path: '/secret' })).json()).toMatchObject({ id: runs[0]?.id, secret: null });
  });

  it('waits for the first when both come at once', async () => {
    const key = newKey();
    let release = () => {};
    next = () => new Promise((resolve) => (release = resolve));
    const answers = [post(key), post(key), post(key)];
    while (runs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release();
    const bodies = (await Promise.all(answers)).map((answer) => answer.body);
    expect(new Set(bodies).size).toBe(1);
    expect(runs).toHaveLength(1);
  });

  it('survives a rotation of the token, and is apart from the key of another caller', async () => {
    const key = newKey();
    await post(key);
    expect((await post(key, {}, { token: 'rotated' })).headers['idempotent-replayed']).toBe('true');
    expect((await post(key, {}, { token: 'other' })).headers['idempotent-replayed']).toBeUndefined();
  });
});

describe('the same key with another request', () => {
  it('422: another body or another path', async () => {
    const key = newKey();
    await post(key, { a: 1 });
    for (const answer of [await post(key, { a: 2 }), await post(key, { a: 1 }, { path: '/secret' })]) {
      expect(answer.statusCode).toBe(422);
      expect(answer.json()).toMatchObject({ code: 'idempotency_key_reused' });
    }
    expect(runs).toHaveLength(1);
  });
});

describe('a run that gives no answer', () => {
  it('leaves the key free when it was refused, for another body too', async () => {
    const key = newKey();
    next = () => Promise.reject(refuse('handle_taken'));
    expect((await post(key, { a: 1 })).statusCode).toBe(409);
    next = () => Promise.resolve();
    expect((await post(key, { a: 2 })).statusCode).toBe(201);
  });

  it('is taken up with the same ids and the same instant when its outcome is unknown', async () => {
    const key = newKey();
    next = () => Promise.reject(new LogUnavailable('gone in the middle'));
    expect((await post(key)).statusCode).toBe(503);
    application.clock.advance(5_000);
    next = () => Promise.resolve();
    expect((await post(key)).statusCode).toBe(201);
    expect(runs[1]).toEqual(runs[0]);
    expect((await post(key)).headers['idempotent-replayed']).toBe('true');
  });

  it('keeps its ids when the run that takes it up is refused, because the first may have stored', async () => {
    const key = newKey();
    next = () => Promise.reject(new Error('crashed'));
    await post(key);
    next = () => Promise.reject(refuse('handle_taken'));
    expect((await post(key)).statusCode).toBe(409);
    next = () => Promise.resolve();
    await post(key);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('of a process that died long ago is taken up at once', async () => {
    const key = newKey();
    next = () => Promise.reject(new Error('crashed'));
    await post(key);
    const { store } = application;
    application.clock.advance(60_000);
    const second = await startTestApplication({
      controllers: [KeyedController],
      callers: CALLERS,
      clock: application.clock,
      store,
    });
    next = () => Promise.resolve();
    const answer = await second.inject({
      method: 'POST',
      url: '/v1/keyed',
      payload: {},
      headers: { authorization: 'Bearer good', 'idempotency-key': key },
    });
    expect(answer.statusCode).toBe(201);
    expect(runs[1]).toEqual(runs[0]);
    await second.close();
  });

  it('in another process is waited for, and its answer given', async () => {
    const key = newKey();
    const second = await startTestApplication({
      controllers: [KeyedController],
      callers: CALLERS,
      clock: application.clock,
      store: application.store,
    });
    let release = () => {};
    next = () => new Promise((resolve) => (release = resolve));
    const first = post(key);
    while (runs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const elsewhere = second.inject({
      method: 'POST',
      url: '/v1/keyed',
      payload: {},
      headers: { authorization: 'Bearer good', 'idempotency-key': key },
    });
    const asked = application.store.claims;
    while (application.store.claims < asked + 2) await new Promise((resolve) => setImmediate(resolve));
    release();
    expect((await elsewhere).headers['idempotent-replayed']).toBe('true');
    expect((await elsewhere).body).toBe((await first).body);
    expect(runs).toHaveLength(1);
    await second.close();
  });
});

describe('keys', () => {
  it.each(['', 'two words', 'ü', 'x'.repeat(256)])('400: malformed: %j', async (key) => {
    const answer = await post(key);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'Idempotency-Key' }] });
  });

  it('400: missing on a call that moves money', async () => {
    const answer = await post(undefined, {}, { path: '/money' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'idempotency_key_required' });
    expect(runs).toHaveLength(0);
  });

  it('reach the command as hashes', async () => {
    const answer = await post(newKey(), {}, { path: '/money' });
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(answer.json()).toEqual({ keyHash: hash, fingerprint: hash });
  });

  it('are not needed elsewhere: each call is a new one', async () => {
    await post(undefined);
    await post(undefined);
    expect(runs).toHaveLength(2);
    expect(runs[0]?.id).not.toBe(runs[1]?.id);
  });

  it('mean nothing on a public call or a read', async () => {
    for (const request of [
      { method: 'POST', url: '/v1/keyed/open' } as const,
      { method: 'GET', url: '/v1/keyed' } as const,
    ]) {
      for (let time = 0; time < 2; time += 1) {
        const headers = { authorization: 'Bearer good', 'idempotency-key': 'shared' };
        const answer = await application.inject({ ...request, headers });
        expect(answer.headers['idempotent-replayed']).toBeUndefined();
      }
    }
  });
});
