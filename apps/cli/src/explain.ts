import { types } from 'node:util';
import { InvalidSecretsFile, InvalidSettings } from '#libs/config';
import { ForeignEvents, LogUnavailable, SourceMoved } from '#libs/event-log';
import { LedgerError } from '#libs/kernel';
import { EmbeddedPostgresError } from '#libs/postgres';
import { UnusableService } from '../../server/src/unusable-service.js';
import { OtherLog } from '../../server/src/log-of-read-models.js';
import { UsageError } from './usage-error.js';

const EXPLAINED = [
  UsageError,
  InvalidSettings,
  InvalidSecretsFile,
  EmbeddedPostgresError,
  UnusableService,
  LogUnavailable,
  ForeignEvents,
  SourceMoved,
  OtherLog,
  LedgerError,
];

/** What a person can mend becomes a sentence; everything else keeps its stack, because it is a defect. */
export function explain(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  if (EXPLAINED.some((kind) => error instanceof kind)) return error.message;
  const outside = outsideOf(error);
  if (outside !== null) return `The data of the ledger cannot be reached: ${outside}.`;
  return error.stack ?? error.message;
}

interface OutsideError extends Error {
  /** Given by Node to an error of the network or of the file system. */
  readonly syscall?: string;
  /** Given by PostgreSQL. */
  readonly severity?: string;
  /** Node tries each address of a host and reports all failures as one, without words of its own. */
  readonly errors?: readonly OutsideError[];
}

/** The words of the network or of the database; null for an error that came from neither. */
function outsideOf({ errors, syscall, severity, message }: OutsideError): string | null {
  const [first] = errors ?? [];
  if (first !== undefined) return outsideOf(first);
  return syscall === undefined && severity === undefined ? null : message;
}
