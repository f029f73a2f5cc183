import 'reflect-metadata';
import { InvalidSecretsFile, InvalidSettings, readSettings } from '#libs/config';
import { EmbeddedPostgresError } from '#libs/postgres';
import { InvalidArguments, readArguments } from './arguments.js';
import { InvalidInitialToken } from './bootstrap-admin.js';
import { LedgerNotEmpty } from './demo/demo.js';
import { PortBusy } from './free-port.js';
import { ForeignSecrets } from './installation.js';
import { OtherLog } from './log-of-read-models.js';
import { startServer } from './server.js';
import { UnusableService } from './unusable-service.js';

/** What an operator can mend gets a sentence; everything else keeps its stack. */
const EXPLAINED = [
  InvalidArguments,
  InvalidSettings,
  InvalidSecretsFile,
  EmbeddedPostgresError,
  InvalidInitialToken,
  PortBusy,
  ForeignSecrets,
  OtherLog,
  LedgerNotEmpty,
  UnusableService,
];

try {
  const options = readArguments(process.argv.slice(2));
  await startServer(readSettings(process.env), options);
} catch (error) {
  const isExplained = EXPLAINED.some((kind) => error instanceof kind);
  console.error(isExplained ? (error as Error).message : error);
  process.exit(1);
}
