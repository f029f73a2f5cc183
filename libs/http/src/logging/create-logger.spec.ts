import { describe, expect, it } from '@jest/globals';
import { createLogger, type LogOptions } from './create-logger.js';
import { NestLogger } from './nest-logger.js';

const SECRET = `tlp_abcdefgh12345678_${'S'.repeat(49)}`;

function capture(options: LogOptions) {
  let text = '';
  const logger = createLogger({ ...options, destination: { write: (line) => (text += line) } });
  return { logger, text: () => text, lines: () => text.split('\n').filter(Boolean) };
}

describe('the log', () => {
  it('is a JSON object a line, with time, level and message', () => {
    const { logger, lines } = capture({ format: 'json' });
    logger.warn({ reqId: 'r-1' }, 'careful');
    logger.debug('not at this level');
    expect(lines().map((line) => JSON.parse(line) as object)).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
        reqId: 'r-1',
        msg: 'careful',
      },
    ]);
  });

  it('P12: holds no token string, wherever it came from', () => {
    for (const format of ['json', 'human'] as const) {
      const { logger, text } = capture({ format });
      logger.info(`created ${SECRET}`);
      logger.error({ err: new Error(`bad ${SECRET}`), nested: { deep: [SECRET] } }, 'failed');
      logger.info({ headers: { authorization: 'Bearer other', cookie: 'session=1' }, secret: 'abc', token: 'def' });
      expect(text()).toContain('tlp_abcdefgh');
      expect(text()).not.toMatch(/SSSS|Bearer|session=1|abc"|def"/);
    }
  });

  it('holds of an error only what it is: no connection, however it is handed over', () => {
    const hung = Object.assign(new Error('reset'), { client: { password: 'sesame' }, parameters: ['sesame'] });
    for (const format of ['json', 'human'] as const) {
      const { logger, text } = capture({ format });
      logger.error(hung);
      logger.error({ err: hung }, 'failed');
      logger.child({ part: 'fastify' }).error({ err: new Error('wrapped', { cause: hung }) }, 'failed');
      expect(text()).toContain('reset');
      expect(text()).not.toContain('sesame');
    }
  });

  it('is for people where that is asked for', () => {
    const { logger, text } = capture({ format: 'human' });
    logger.info({ port: 3000, path: '/v1' }, 'listening');
    logger.error({ err: new Error('gone') }, 'stopped');
    expect(text()).toMatch(/^\d\d:\d\d:\d\d info {2}listening port=3000 path=\/v1\n/);
    expect(text()).toMatch(/error stopped\n {2}Error: gone\n {6}at /);
  });
});

describe('NestLogger', () => {
  it('writes what Nest says to the same log, and its start-up at debug', () => {
    const { logger, lines } = capture({ format: 'json', level: 'info' });
    const nest = new NestLogger(logger);
    nest.log('Mapped {/v1, GET} route', 'RouterExplorer');
    nest.log('ready', 'Tokens');
    nest.error(new Error('boom'), 'Tokens');
    nest.error('failed', 'Error: x\n    at y', 'Tokens');
    nest.warn({ a: 1 });
    expect(lines().map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', msg: 'ready', context: 'Tokens' },
      { level: 'error', msg: 'boom', err: { message: 'boom' } },
      { level: 'error', msg: 'failed', stack: 'Error: x\n    at y', context: 'Tokens' },
      { level: 'warn', msg: '{"a":1}' },
    ]);
  });
});
