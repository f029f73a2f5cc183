import { inspect } from 'node:util';

/** A secret in memory. It prints as `[secret]` wherever it is logged, joined into text or turned into JSON. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself: call it where it is handed out or hashed, and nowhere else. */
  expose(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
