import type { Logger } from 'pino';
import { reasonOf } from './error-fields.js';

const EVERY_MS = 10_000;
/** Beyond so many kinds at a time a code no longer makes a kind of its own, so that no client can make them up. */
const KINDS_MAX = 100;

export interface Trouble {
  /** What failed; told by name, message and code. */
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

interface Kind {
  readonly level: 'warn' | 'error';
  readonly message: string;
  /** Lines that were held back since the last one that was written. */
  held: number;
  /** The newest of them. */
  fields: Trouble;
}

/**
 * Lines that come by the hundred while something is away. Of a kind (level, message and the error's code) the first is
 * written at once; those that follow are held back, and told every ten seconds by the newest of them, with their number
 * as `times`. Errors are told without stack: what is away is no defect.
 */
export class ThrottledLog {
  private readonly kinds = new Map<string, Kind>();

  constructor(
    private readonly log: Pick<Logger, 'warn' | 'error'>,
    private readonly everyMs = EVERY_MS,
  ) {}

  warn(fields: Trouble, message: string): void {
    this.note('warn', fields, message);
  }

  error(fields: Trouble, message: string): void {
    this.note('error', fields, message);
  }

  private note(level: Kind['level'], { err, ...rest }: Trouble, message: string): void {
    const reason = err === undefined ? null : reasonOf(err);
    const fields = reason === null ? rest : { ...rest, err: reason };
    const code = this.kinds.size < KINDS_MAX ? (reason?.code ?? '') : '';
    const name = [level, message, code].join(' ');
    const kind = this.kinds.get(name);
    if (kind === undefined) {
      this.kinds.set(name, { level, message, held: 0, fields });
      this.log[level](fields, message);
      this.tellLater(name);
      return;
    }
    kind.held += 1;
    kind.fields = fields;
  }

  private tellLater(name: string): void {
    setTimeout(() => {
      const kind = this.kinds.get(name);
      if (kind === undefined) return;
      if (kind.held === 0) {
        this.kinds.delete(name);
        return;
      }
      this.log[kind.level]({ ...kind.fields, times: kind.held }, kind.message);
      kind.held = 0;
      this.tellLater(name);
    }, this.everyMs).unref();
  }
}
