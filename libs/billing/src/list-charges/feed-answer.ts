import type { FastifyReply } from 'fastify';
import { type Written, written } from '#libs/http';
import type { ChargeFeed, FeedPage } from './list-charges.query.js';
import { preferredMediaType } from './preferred-media-type.js';

const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json';

/** A feed as an array, which it is unless the client prefers another, or one event a line under any name of that. */
export const FEED_MEDIA_TYPES = [
  BATCH_MEDIA_TYPE,
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
] as const;

interface FeedAnswer {
  readonly feed: ChargeFeed;
  /** Of the feed, without query. */
  readonly path: string;
  readonly page: FeedPage;
  readonly reply: Pick<FastifyReply, 'request' | 'getHeader'>;
}

/**
 * A page of a feed as bytes, with the link to the next page. Bytes, because to a text the server would add a charset,
 * and receivers of CloudEvents compare the media type as a whole.
 */
export function feedAnswer({ feed, path, page, reply }: FeedAnswer): Written<Buffer> {
  const type = preferredMediaType(reply.request.headers.accept, FEED_MEDIA_TYPES);
  const { events, next } = feed;
  const text =
    type === BATCH_MEDIA_TYPE ? JSON.stringify(events) : events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const query = new URLSearchParams({ after: next, limit: String(page.limit) });
  if (page.wait > 0) query.set('wait', String(page.wait));
  return written(Buffer.from(text), null, {
    'content-type': type,
    // Next to what stands there for pages of other origins.
    vary: [reply.getHeader('vary') ?? [], 'Accept'].flat().join(', '),
    link: `<${path}?${query.toString()}>; rel="next"`,
  });
}

/** Aborted when the connection of the request ends, or its answer was sent. */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return closed.signal;
}
