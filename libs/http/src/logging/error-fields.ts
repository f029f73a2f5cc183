import { errorChain, withoutPasswords } from '#libs/kernel';

/** What the log tells of an error. */
export interface ErrorFields {
  readonly type: string;
  /** With the messages of its causes. */
  readonly message: string;
  /** SQLSTATE, or the system's name of what failed: of the error, else of the nearest cause that has one. */
  readonly code?: string;
  readonly stack?: string;
}

/**
 * Name, message, code and stack of an error, and nothing else that hangs on it: drivers hang whole connections on their
 * errors, with addresses, queries and their values. Passwords in addresses are cut out of the message.
 */
export function errorFields(error: unknown): ErrorFields {
  const stack = errorChain(error)[0]?.stack;
  return { ...reasonOf(error), ...(typeof stack === 'string' ? { stack: withoutPasswords(stack) } : {}) };
}

/** The same without the stack, for what is no defect. */
export function reasonOf(error: unknown): Omit<ErrorFields, 'stack'> {
  const chain = errorChain(error);
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
