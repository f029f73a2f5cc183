const BRAND = /^[a-z][a-z0-9]{1,7}$/;
/** Secret and checksum, behind the last `_` of a token string. */
const END_LENGTH = 49;

/** A token string that stood in a text. */
export interface FoundSecret {
  /** What lists and logs show of it. */
  readonly prefix: string;
  /** The string itself, to find out whose it is. A function, so that it is not in what is written of this object. */
  reveal(): string;
}

/** Finds token strings in text and cuts them to the prefix that lists and logs show. */
export class SecretScrubber {
  private readonly pattern: RegExp;

  /** `brand` is the leading part of every token of this installation, `tl` by default. */
  constructor(brand = 'tl') {
    if (!BRAND.test(brand)) throw new TypeError(`not a token brand: ${brand}`);
    // Bounded repetition before the first `_`: a text of "tltltl…" must not cost quadratic time.
    this.pattern = new RegExp(`(${brand}[a-z0-9]{0,8}_[0-9A-Za-z]{8})[0-9A-Za-z]{8}_[0-9A-Za-z]{49,}`, 'g');
  }

  /** The first token string in the text; null when there is none. */
  find(text: string): FoundSecret | null {
    this.pattern.lastIndex = 0;
    const [found, prefix] = this.pattern.exec(text) ?? [];
    if (found === undefined || prefix === undefined) return null;
    return { prefix, reveal: () => found.slice(0, found.lastIndexOf('_') + 1 + END_LENGTH) };
  }

  /** The text with each token string cut to its prefix. */
  scrub(text: string): string {
    return text.replace(this.pattern, '$1');
  }

  /** The path of a request target, without its query, as it may be shown and logged. */
  pathOf(target: string): string {
    const query = target.indexOf('?');
    const path = (query === -1 ? target : target.slice(0, query)).slice(0, 2048);
    if (!path.includes('%')) return this.scrub(path);
    const decoded = decode(path);
    return decoded === null || this.find(decoded) === null ? this.scrub(path) : encodeURI(this.scrub(decoded));
  }
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
