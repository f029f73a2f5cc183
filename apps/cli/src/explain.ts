import { InvalidSecretsFile, InvalidSettings } from '#libs/config';
import { LogUnavailable } from '#libs/event-log';
import { LedgerError } from '#libs/kernel';
import { EmbeddedPostgresError } from '#libs/postgres';
import { UsageError } from './usage-error.js';

const EXPLAINED = [UsageError, InvalidSettings, InvalidSecretsFile, EmbeddedPostgresError, LogUnavailable, LedgerError];

/** What a person can mend becomes a sentence; everything else keeps its stack, because it is a defect. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (EXPLAINED.some((kind) => error instanceof kind)) return error.message;
  const outside = outsideOf(error);
  if (outside !== null) return `The database cannot be used: ${outside}.`;
  return error.stack ?? error.message;
}

/** The words of the network or of the database; null for an error that has none of the codes that these give. */
function outsideOf(error: Error & { code?: unknown; syscall?: unknown; severity?: unknown }): string | null {
  // Node tries each address of a host and reports all failures as one, without words of its own.
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  if (first instanceof Error) return outsideOf(first);
  return error.syscall === undefined && error.severity === undefined ? null : error.message;
}
