import { LogUnavailable } from '#libs/event-log';

/** SQLSTATE of an error of PostgreSQL; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^(?!E)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

export const SQLSTATE = { uniqueViolation: '23505', undefinedTable: '42P01', lockNotAvailable: '55P03' } as const;

/** A document that is not a row of its table: the engine refuses it before PostgreSQL has to. */
export class UnfitRow extends Error {
  override name = 'UnfitRow';

  constructor(cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
  }
}

/**
 * True when PostgreSQL refused a value that it will refuse again: bad data (class 22), a broken constraint (23), a row
 * named twice in one statement (21), a row too large (54). All else, lost connections and missing columns included,
 * says nothing against the event, and is tried again for as long as it takes. Likewise a row that does not fit its table.
 */
export function isRefusedValue(error: unknown): boolean {
  const state = sqlState(error);
  if (error instanceof UnfitRow) return true;
  return state !== undefined && /^(21|22|23|54)/.test(state);
}

/** What happened, short enough for a row or a log line. PostgreSQL's details are left out: they repeat whole rows. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const state = sqlState(error);
  return storable(state === undefined ? text : `${state} ${text}`).slice(0, 1000);
}

/** The text without what PostgreSQL cannot store: NUL, and halves of surrogate pairs. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\u2400').replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * True when the same statement may well succeed later: the connection broke, the server or the log is away, a lock was
 * not to be had. An error of the program itself is none.
 */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return /^(08|40|53|55|57|58)/.test(state);
  if (error instanceof LogUnavailable) return true;
  // A broken connection comes as a plain Error, of pg or of the system; the program's own errors have names of their own.
  return (error as { name?: unknown } | null | undefined)?.name === 'Error';
}
