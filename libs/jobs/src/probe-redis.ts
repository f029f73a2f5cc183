import { once } from 'node:events';
import { Redis } from 'ioredis';

const CONNECT_WITHIN_MS = 10_000;

/**
 * Connects once, asks and leaves. Throws what Redis or the network says. The queue itself would wait for ever: it is
 * made to outlive a Redis that goes away, and cannot tell that from one that never was there.
 */
export async function probeRedis(url: string, withinMs = CONNECT_WITHIN_MS): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: withinMs,
    commandTimeout: withinMs,
  });
  const failed = once(redis, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  try {
    // `connect` rejects with `Connection is closed.`; why stands in the error that was emitted before.
    await Promise.race([failed, redis.connect().then(() => redis.ping())]);
  } finally {
    redis.disconnect();
  }
}
