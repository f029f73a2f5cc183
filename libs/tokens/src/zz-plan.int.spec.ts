import { it } from '@jest/globals';
import { startTokensServer } from './testing/tokens-server.js';
import { RandomIds } from '#libs/kernel';
import { ExpireTokensJob } from './expire-tokens/expire-tokens.job.js';
import { FlagUnusedTokensJob } from './flag-unused-tokens/flag-unused-tokens.job.js';

it('plans', async () => {
  const s = await startTokensServer();
  const ids = new RandomIds(() => s.clock.now());
  const ada = s.world.addUser(ids.uid('usr'));
  await s.call(ada, 'POST', '/v1/tokens', { body: { type: 'personal', name: 'x', access: { operations: true } } });
  await s.caughtUp();
  await s.pool.query(`insert into read_model.tokens select (jsonb_populate_record(t, jsonb_build_object('uid', 'tok_' || lpad(upper(to_hex(i)), 26, '0'), 'owner_uid', 'usr_' || (i % 40000), 'handle', 'h' || i, 'name_key', md5(i::text), 'name', md5(i::text), 'created_at', t.created_at - i * interval '1 minute', 'expires_at', t.expires_at + i * interval '1 minute', 'search', md5(i::text) || E'\npersonal'))).* from read_model.tokens t, generate_series(1, 200000) i`);
  await s.pool.query('vacuum analyze read_model.tokens');
  const out: string[] = [];
  for (const q of ['', 'sort=name', 'sort=expiresAt', '-expiresAt', 'sort=lastUsedAt', 'q=abcdef', 'status=active', 'status=expired', 'expiringWithin=91d', 'owner=' + ada, 'limit=1000']) {
    const t = performance.now();
    const r = await s.call('installation', 'GET', `/v1/tokens?${q}`);
    out.push(`${q}: ${r.statusCode} ${(performance.now() - t).toFixed(1)} ms`);
  }
  const t1 = performance.now();
  await s.call(ada, 'GET', `/v1/tokens`);
  out.push(`own: ${(performance.now() - t1).toFixed(1)} ms`);
  for (const job of [ExpireTokensJob, FlagUnusedTokensJob]) {
    const t = performance.now();
    const c = await s.get<ExpireTokensJob | FlagUnusedTokensJob>(job).run(s.jobContext()).catch((e) => String(e).slice(0, 100));
    out.push(`${job.name}: ${JSON.stringify(c)} ${(performance.now() - t).toFixed(1)} ms`);
  }
  console.log(out.join('\n'));
  await s.close();
}, 300_000);
