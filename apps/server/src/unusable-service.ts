/** Characters of a reason that are shown: more than a sentence is a dump. */
const REASON_MAX = 300;
/** gRPC wraps the words of the network in its own. */
const GRPC = /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note:.*$/s;

interface Reason {
  readonly message: string;
  /** Node tries each address of a host and reports all failures as one, without words of its own. */
  readonly errors?: readonly Reason[];
  /** The words of a gRPC call without its number and name. */
  readonly details?: unknown;
  readonly _raw?: Reason;
  readonly cause?: unknown;
}

export interface NamedService {
  /** The setting that names it. */
  readonly setting: 'DATABASE_URL' | 'EVENT_STORE_URL' | 'REDIS_URL';
  readonly kind: 'PostgreSQL' | 'EventStoreDB' | 'Redis';
  readonly url: string;
}

/**
 * A service that a setting names cannot be used; the message says which and why, and holds no password. The error that
 * was the reason is not kept with it: whoever prints that prints connections with it.
 */
export class UnusableService extends Error {
  override name = 'UnusableService';

  constructor({ setting, kind, url }: NamedService, cause: unknown) {
    super(
      `${setting} names ${kind === 'EventStoreDB' ? 'an' : 'a'} ${kind} that cannot be used: ${withoutPassword(reasonOf(cause), url)}.`,
    );
  }
}

/** Throws UnusableService in place of whatever `use` throws. */
export async function requireUsable<Result>(service: NamedService, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    throw new UnusableService(service, error);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = wordsOf(error).replaceAll(/\s+/g, ' ').trim();
  const shortened = words.length > REASON_MAX ? `${words.slice(0, REASON_MAX)}…` : words;
  return shortened.replace(/[.\s]+$/, '');
}

function wordsOf(error: Reason): string {
  const [first] = error.errors ?? [];
  if (first !== undefined) return wordsOf(first);
  if (error.cause instanceof Error) return wordsOf(error.cause);
  if (error._raw !== undefined) return wordsOf(error._raw);
  const { details, message } = error;
  return (typeof details === 'string' ? details : message).replace(GRPC, '$1');
}

function withoutPassword(text: string, url: string): string {
  const written = /^[a-z+]+:\/\/[^/?#]*?:([^/?]*)@/.exec(url)?.[1] ?? '';
  const passwords = [written, decoded(written)].filter((password) => password !== '');
  return passwords.reduce((hidden, password) => hidden.replaceAll(password, '***'), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
