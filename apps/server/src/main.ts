import 'reflect-metadata';
import { InvalidSecretsFile, InvalidSettings, readSettings } from '#libs/config';
import { EmbeddedPostgresError } from '#libs/postgres';
import { InvalidInitialToken } from './bootstrap-admin.js';
import { PortBusy } from './free-port.js';
import { ForeignSecrets } from './installation.js';
import { startServer } from './server.js';

/** What an operator can mend gets a sentence; everything else keeps its stack. */
const EXPLAINED = [
  InvalidSettings,
  InvalidSecretsFile,
  EmbeddedPostgresError,
  InvalidInitialToken,
  PortBusy,
  ForeignSecrets,
];

try {
  await startServer(readSettings(process.env));
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind);
  console.error(isExplained ? (error as Error).message : error);
  process.exit(1);
}
