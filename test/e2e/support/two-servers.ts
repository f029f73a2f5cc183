import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreSettings } from './event-store.js';
import { LedgerProcess } from './ledger-process.js';
import { type Postmaster, postmasterOf } from './processes.js';
import { Scenario } from './scenario.js';

/** Two servers of the product on the database of the first one. */
export class TwoServers {
  private constructor(
    private readonly folder: string,
    readonly a: LedgerProcess,
    readonly b: LedgerProcess,
    readonly postmaster: Postmaster,
    readonly onA: Scenario,
    readonly onB: Scenario,
  ) {}

  static async start(): Promise<TwoServers> {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-two-'));
    const a = await LedgerProcess.start();
    try {
      const postmaster = (await postmasterOf(a.dataDir)) as Postmaster;
      const env = {
        ...eventStoreSettings(a.dataDir),
        DATABASE_URL: postmaster.databaseUrl,
        TOKEN_LEDGER_SECRETS_FILE: join(a.dataDir, 'secrets'),
      };
      const b = await LedgerProcess.start({ dataDir: join(folder, 'b'), env });
      return new TwoServers(folder, a, b, postmaster, new Scenario(a.client()), new Scenario(b.client(a.adminToken)));
    } catch (error) {
      await a.dispose();
      throw error;
    }
  }

  /** One as the writer and the other as the reader, in turns. */
  turn(round: number): { readonly writer: Scenario; readonly reader: Scenario } {
    const { onA, onB } = this;
    return round % 2 === 0 ? { writer: onA, reader: onB } : { writer: onB, reader: onA };
  }

  async dispose(): Promise<void> {
    await this.b.dispose();
    await this.a.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}
