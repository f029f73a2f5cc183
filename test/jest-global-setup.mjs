// Names the PostgreSQL server of this Jest run. The first spec that needs it starts it (libs/postgres/src/testing), so
// that a run without such a spec starts nothing.
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setUp() {
  process.env.LEDGER_TEST_POSTGRES_DIR = join(tmpdir(), `ledger-test-${randomUUID()}`);
  process.env.LEDGER_TEST_RUN_PID = String(process.pid);
}
