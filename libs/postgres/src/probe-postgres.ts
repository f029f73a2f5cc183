import pg from 'pg';

/** Longest time for a server to take a connection: a host that swallows packets would be waited for minutes. */
const CONNECT_WITHIN_MS = 10_000;

/** Connects once and leaves. Throws what `pg` says of a server that cannot be reached, or does not let this user in. */
export async function probePostgres(connectionString: string, withinMs = CONNECT_WITHIN_MS): Promise<void> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: withinMs,
    application_name: 'token-ledger probe',
  });
  // What breaks between the connection and the farewell is told by neither of them.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}
