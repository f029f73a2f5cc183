import { errorChain, withoutPasswords } from '#libs/kernel';

/** Characters of a reason that are shown: more than a sentence is a dump. */
const REASON_MAX = 300;
/** gRPC wraps the words of the network in its own. */
const GRPC = /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note:.*$/s;

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
    const named = `${setting} names ${kind === 'EventStoreDB' ? 'an' : 'a'} ${kind}`;
    super(`${named} that cannot be used: ${wordsOf(cause, url)}.`);
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

/** The words of the last cause that has any: the network's, which others only wrap. */
function wordsOf(thrown: unknown, url: string): string {
  const [deepest = ''] = errorChain(thrown)
    .map(({ details, message }) => (typeof details === 'string' ? details : message))
    .filter((words): words is string => typeof words === 'string' && words !== '')
    .reverse();
  // Before it is shortened, which could leave the beginning of a password.
  const words = withoutPasswords(deepest, url).replace(GRPC, '$1').replaceAll(/\s+/g, ' ').trim();
  const shortened = words.length > REASON_MAX ? `${words.slice(0, REASON_MAX)}…` : words;
  return shortened.replace(/[.\s]+$/, '');
}
