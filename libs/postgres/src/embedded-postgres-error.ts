export interface ErrorSentences {
  /** What did not work. */
  what: string;
  /** Why it did not. */
  why: string;
  /** What the operator can do about it. */
  fix: string;
  cause?: unknown;
}

/** The embedded PostgreSQL cannot do what it was asked for. The message says what, why, and what to do. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';

  constructor(sentences: ErrorSentences) {
    super(
      `${sentences.what}: ${sentences.why}. ${sentences.fix}.`,
      sentences.cause === undefined ? undefined : { cause: sentences.cause },
    );
  }
}

/** Another ledger works on the same data directory; two of them would be two writers of one log. */
export class DataDirectoryInUse extends EmbeddedPostgresError {
  override name = 'DataDirectoryInUse';

  constructor(
    readonly dataDir: string,
    /** Process id of the other ledger; absent when it cannot be seen from here, as in another container. */
    readonly ownerPid?: number,
  ) {
    super({
      what: `Cannot use ${dataDir}`,
      why: `another ledger (${ownerPid === undefined ? 'out of sight of this process' : `pid ${ownerPid}`}) is serving this directory`,
      fix: 'Stop it first, or set DATABASE_URL or another TOKEN_LEDGER_DATA_DIR',
    });
  }
}

/** Turns a refusal of the file system into an error that says what to do; other errors stay as they are. */
export function explainFileError(dataDir: string, error: unknown): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof EmbeddedPostgresError || syscall === undefined) return error;
  return new EmbeddedPostgresError({
    what: `Cannot use ${dataDir}`,
    why: message,
    fix: 'Check the owner, the permissions and the free space there, or set another TOKEN_LEDGER_DATA_DIR',
    cause: error,
  });
}
