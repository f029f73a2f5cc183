import { type CommandContext, type Fact, streamOf } from '#libs/contracts';
import type { StreamRepository } from '#libs/event-log';
import { type DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';

/** This ledger, on whichever servers it runs. */
export interface Installation {
  readonly uid: string;
}

/** The server's secrets are not those that this ledger was made with. */
export class ForeignSecrets extends Error {
  override name = 'ForeignSecrets';

  constructor(source: string) {
    super(
      `The secrets in ${source} are not those of this ledger: with them no token of it could be verified. ` +
        'Copy the secrets file of the server that made it, or name it in TOKEN_LEDGER_SECRETS_FILE.',
    );
  }
}

export class InstallationTable1764000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS platform');
    await queryRunner.query(`
      CREATE TABLE platform.installation (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        uid text NOT NULL,
        secrets_fingerprint text NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE platform.installation');
  }
}

export interface InstallationParts {
  readonly dataSource: DataSource;
  readonly streams: StreamRepository;
  readonly secrets: { readonly source: string; readonly fingerprint: string };
  readonly context: CommandContext;
}

/**
 * The identity of this ledger, made by the first server that starts on it; every later one must hold the same secrets.
 * Throws ForeignSecrets.
 */
export async function openInstallation({
  dataSource,
  streams,
  secrets,
  context,
}: InstallationParts): Promise<Installation> {
  await dataSource.query(
    'INSERT INTO platform.installation (uid, secrets_fingerprint) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [context.ids.uid('ins'), secrets.fingerprint],
  );
  const rows = await dataSource.query<{ uid: string; secrets_fingerprint: string }[]>(
    'SELECT uid, secrets_fingerprint FROM platform.installation',
  );
  const row = rows[0];
  if (row === undefined || row.secrets_fingerprint !== secrets.fingerprint) throw new ForeignSecrets(secrets.source);
  await streams.execute({
    stream: streamOf.system,
    decider: SYSTEM,
    context,
    decide: (isInitialized) => (isInitialized ? [] : [initialized(row.uid)]),
  });
  return { uid: row.uid };
}

/** All that has to be known of the stream `system` here: whether anything stands in it. */
const SYSTEM = { initial: () => false, evolve: () => true };

function initialized(installationUid: string): Fact {
  return { type: 'InstallationInitialized', data: { installationUid } };
}
