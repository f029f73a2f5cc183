import type { FastifyReply } from 'fastify';
import { type Written, written } from '#libs/http';
import type { ChargeFeed, FeedPage } from './list-charges.query.js';

export const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json';
export const LINES_MEDIA_TYPE = 'application/x-ndjson';

interface FeedAnswer {
  readonly feed: ChargeFeed;
  /** Of the feed, without query. */
  readonly path: string;
  readonly page: FeedPage;
  readonly accept: string | undefined;
}

/**
 * A page of a feed as bytes, with the link to the next page. Bytes, because to a text the server would add a charset,
 * and receivers of CloudEvents compare the media type as a whole.
 */
export function feedAnswer({ feed, path, page, accept }: FeedAnswer): Written<Buffer> {
  const lines = accept?.includes(LINES_MEDIA_TYPE) === true;
  const { events, next } = feed;
  const text = lines ? events.map((event) => `${JSON.stringify(event)}\n`).join('') : JSON.stringify(events);
  const query = new URLSearchParams({ after: next, limit: String(page.limit) });
  if (page.wait > 0) query.set('wait', String(page.wait));
  return written(Buffer.from(text), null, {
    'content-type': lines ? LINES_MEDIA_TYPE : BATCH_MEDIA_TYPE,
    link: `<${path}?${query.toString()}>; rel="next"`,
  });
}

/** Aborted when the connection of the request ends, or its answer was sent. */
export function untilClosed(reply: FastifyReply): AbortSignal {
  const closed = new AbortController();
  reply.raw.once('close', () => closed.abort());
  return closed.signal;
}
