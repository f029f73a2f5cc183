import { createInterface } from 'node:readline';
import { EmbeddedPostgres } from '../index.js';

/** A process like the ledger's, for tests that kill it: starts PostgreSQL on the directory given, obeys its input. */

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function main(dataDir: string): Promise<void> {
  const postgres = await EmbeddedPostgres.start({ dataDir, log: (line) => say({ log: line }) });
  say({ started: { pid: postgres.pid, adopted: postgres.adopted, connectionString: postgres.connectionString } });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== 'stop') continue;
    await postgres.stop();
    say({ stopped: true });
    return;
  }
}

try {
  await main(process.argv[2] ?? '');
} catch (error) {
  const { name, message } = error as Error;
  say({ failed: { name, message } });
  process.exitCode = 1;
}
