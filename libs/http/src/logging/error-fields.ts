/** What the log tells of an error. */
export interface ErrorFields {
  readonly type: string;
  /** With the messages of its causes. */
  readonly message: string;
  /** SQLSTATE, or the system's name of what failed: of the error, else of the nearest cause that has one. */
  readonly code?: string;
  readonly stack?: string;
}

interface ErrorLike {
  readonly name?: unknown;
  /** In place of a name, of fields that were taken from an error before. */
  readonly type?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  /** Of an AggregateError: Node's, when no address of a host answers, has no words of its own. */
  readonly errors?: unknown;
}

const CAUSES_MAX = 5;
const PASSWORD_IN_URL = /([a-z][a-z+.-]*:\/\/[^\s:/@]*):[^\s/@]*@/gi;

/**
 * Name, message, code and stack of an error, and nothing else that hangs on it: drivers hang whole connections on their
 * errors, with addresses, queries and their values. Passwords in addresses are cut out of the message.
 */
export function errorFields(error: unknown): ErrorFields {
  const { stack } = asErrorLike(error);
  return { ...reasonOf(error), ...(typeof stack === 'string' ? { stack: withoutPasswords(stack) } : {}) };
}

/** The same without the stack, for what is no defect. */
export function reasonOf(error: unknown): Omit<ErrorFields, 'stack'> {
  const chain = causesOf(error);
  const messages = chain
    .map(({ message }) => message)
    .filter((message) => typeof message === 'string' && message !== '');
  const code = chain.map(({ code: found }) => found).find(isCode);
  const [first] = chain;
  return {
    type: [first?.name, first?.type].find((name) => typeof name === 'string') ?? typeof error,
    message: withoutPasswords(messages.join(': ')),
    ...(code === undefined ? {} : { code: String(code) }),
  };
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'string' || typeof code === 'number';
}

function causesOf(error: unknown): ErrorLike[] {
  const chain: ErrorLike[] = [];
  let next: unknown = error;
  while (next !== undefined && next !== null && chain.length < CAUSES_MAX) {
    const current = asErrorLike(next);
    chain.push(current);
    next = current.cause ?? (Array.isArray(current.errors) ? (current.errors[0] as unknown) : undefined);
  }
  return chain;
}

function asErrorLike(thrown: unknown): ErrorLike {
  return typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) };
}

function withoutPasswords(text: string): string {
  return text.replaceAll(PASSWORD_IN_URL, '$1:***@');
}
