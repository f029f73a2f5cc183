export interface FieldError {
  /** Path of the field in the body or query, as `access.endpoints` or `items[3].cost`. */
  field: string;
  code: string;
  message: string;
}

export interface LedgerErrorOptions {
  /** Public text of this occurrence; the catalogue's text when absent. Never holds a secret. */
  detail?: string;
  fields?: readonly FieldError[];
  headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document, for example `candidates`. */
  extra?: Readonly<Record<string, unknown>>;
  /** For the process log only. */
  cause?: unknown;
}

/** An expected refusal, named by a code of the error catalogue (`libs/contracts`), which holds its status and title. */
export class LedgerError<Code extends string = string> extends Error {
  override name = 'LedgerError';

  constructor(
    readonly code: Code,
    readonly options: LedgerErrorOptions = {},
  ) {
    super(options.detail ?? code, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
