import { once } from 'node:events';
import { Redis } from 'ioredis';

const CONNECT_WITHIN_MS = 10_000;
const POLICY = /^maxmemory_policy:(\S+)/m;

/**
 * Connects once, asks and leaves. Throws what Redis or the network says. The queue itself would wait for ever: it is
 * made to outlive a Redis that goes away, and cannot tell that from one that never was there.
 */
export async function probeRedis(url: string, withinMs = CONNECT_WITHIN_MS): Promise<void> {
  await askRedis(url, withinMs, (redis) => redis.ping());
}

/**
 * Throws when Redis may drop keys for want of memory: it would drop jobs and schedules, and nobody would hear of it. Asks
 * `INFO`, which is allowed where `CONFIG` is not. A server that does not say what it does then is believed.
 */
export async function requireNoEviction(url: string, withinMs = CONNECT_WITHIN_MS): Promise<void> {
  const info = await askRedis(url, withinMs, (redis) => redis.info('memory'));
  const policy = POLICY.exec(info)?.[1] ?? 'noeviction';
  if (policy === 'noeviction') return;
  throw new Error(`its maxmemory-policy is ${policy}, by which it may drop jobs; set it to noeviction`);
}

async function askRedis<Answer>(
  url: string,
  withinMs: number,
  ask: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: withinMs,
    commandTimeout: withinMs,
  });
  const failed = once(redis, 'error').then(([error]) => Promise.reject<never>(error as Error));
  failed.catch(() => undefined);
  try {
    // `connect` rejects with `Connection is closed.`; why stands in the error that was emitted before.
    return await Promise.race([failed, redis.connect().then(() => ask(redis))]);
  } finally {
    redis.disconnect();
  }
}
