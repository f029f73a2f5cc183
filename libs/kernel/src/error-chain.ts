/** What may hang on something that was thrown, as far as anybody here looks at it. */
export interface ErrorLike {
  readonly name?: unknown;
  /** In place of a name, of fields that were taken from an error before. */
  readonly type?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  /** The words of a gRPC call without its number and name. */
  readonly details?: unknown;
  readonly cause?: unknown;
  /** Of an AggregateError: Node's, when no address of a host answers, has no words of its own. */
  readonly errors?: unknown;
  /** What the client of EventStoreDB keeps of the call that failed. */
  readonly _raw?: unknown;
}

/** Causes may go in circles, and nobody reads more of them. */
const CAUSES_MAX = 5;
const PASSWORD_IN_URL = /([a-z][a-z+.-]*:\/\/[^\s:/@]*):[^\s/@]*@/gi;

/** What was thrown and why, the cause behind what it has caused; five at most. */
export function errorChain(thrown: unknown): readonly ErrorLike[] {
  const chain: ErrorLike[] = [];
  let next: unknown = thrown;
  while (next !== undefined && next !== null && chain.length < CAUSES_MAX) {
    const current = asErrorLike(next);
    chain.push(current);
    next =
      current.cause ?? (Array.isArray(current.errors) ? (current.errors[0] as unknown) : undefined) ?? current._raw;
  }
  return chain;
}

function asErrorLike(thrown: unknown): ErrorLike {
  return typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) };
}

/**
 * The text with `***` in place of the passwords of addresses. With `url` also of every other mention of the password in
 * it, as it is written there and as it is meant: servers repeat it without the address around it.
 */
export function withoutPasswords(text: string, url = ''): string {
  const written = /^[a-z+]+:\/\/[^/?#]*?:([^/?]*)@/.exec(url)?.[1] ?? '';
  const passwords = [written, decoded(written)].filter((password) => password !== '');
  const hidden = passwords.reduce((rest, password) => rest.replaceAll(password, '***'), text);
  return hidden.replaceAll(PASSWORD_IN_URL, '$1:***@');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
