import pg from 'pg';
import type { Loose } from './ledger-client.js';
import { postmasterOf } from './processes.js';

/** All events of a running ledger with its log in PostgreSQL, as they are stored, in the order of positions. */
export async function storedEvents(dataDir: string): Promise<Loose[]> {
  const rows = await query<{ events: string }>(dataDir, 'select events from ledger.appends order by last_position');
  return rows.flatMap(({ events }) => events.split('\n').map((event) => JSON.parse(event)));
}

/**
 * Every table of a running ledger's PostgreSQL by name, with its rows as text. PostgreSQL compresses large values, so in
 * its files a text may be there and not be found; here it is whole.
 */
export async function storedTables(dataDir: string): Promise<[name: string, text: string][]> {
  const tables = await query<{ name: string }>(
    dataDir,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const contents: [string, string][] = [];
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(dataDir, `select stored::text as row from only ${name} stored`);
    contents.push([name, rows.map(({ row }) => row).join('\n')]);
  }
  return contents;
}

async function query<Row extends pg.QueryResultRow>(dataDir: string, sql: string): Promise<Row[]> {
  const postmaster = await postmasterOf(dataDir);
  if (postmaster === null) throw new Error(`no PostgreSQL is running in ${dataDir}`);
  // Bytes that are characters are then shown as these, and found by who looks for them.
  const client = new pg.Client({ connectionString: postmaster.databaseUrl, options: '-c bytea_output=escape' });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
