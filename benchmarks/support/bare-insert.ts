import type pg from 'pg';

/** Events of one stretch of the log, as the log keeps them. */
export interface StoredEvents {
  readonly events: number;
  readonly bytesAnEvent: number;
  readonly eventsAFlush: number;
  /** Texts of some of them. */
  readonly sample: readonly string[];
}

const SAMPLE = 5_000;

/** What the log says of the events after a position. */
export async function describeEventsAfter(client: pg.Client, position: bigint): Promise<StoredEvents> {
  const after = [position.toString()];
  const sizes = await client.query<{ events: string; bytes: string }>(
    'select sum(count) as events, sum(octet_length(events)) as bytes from ledger.appends where last_position > $1',
    after,
  );
  const flushes = await client.query<{ size: string }>(
    'select avg(size) as size from ledger.flushes where position > $1',
    after,
  );
  const rows = await client.query<{ events: string }>(
    `select events from ledger.appends where last_position > $1 order by last_position limit ${SAMPLE}`,
    after,
  );
  const events = Number(sizes.rows[0]?.events ?? 0);
  return {
    events,
    bytesAnEvent: Number(sizes.rows[0]?.bytes ?? 0) / events,
    eventsAFlush: Number(flushes.rows[0]?.size ?? 0),
    sample: rows.rows.flatMap((row) => row.events.split('\n')).slice(0, SAMPLE),
  };
}

/**
 * Inserts a row for each event into a table with a primary key and nothing else, in batches of one size, one batch after
 * the other; every batch is on disk before the next begins. Returns events per second: what the database can do at most
 * with these bytes in this shape.
 */
export async function measureBareInsert(
  client: pg.Client,
  { sample, eventsAFlush }: Pick<StoredEvents, 'sample' | 'eventsAFlush'>,
  seconds: number,
): Promise<number> {
  await client.query('create table bench_bare (position bigint generated always as identity primary key, event text)');
  try {
    const size = Math.max(1, Math.round(eventsAFlush));
    const text = 'insert into bench_bare (event) select unnest($1::text[])';
    const began = performance.now();
    let events = 0;
    while (performance.now() - began < seconds * 1000) {
      const batch = Array.from({ length: size }, (_, index) => sample[(events + index) % sample.length]);
      await client.query({ name: 'bare', text, values: [batch] });
      events += size;
    }
    return events / ((performance.now() - began) / 1000);
  } finally {
    await client.query('drop table bench_bare');
  }
}
