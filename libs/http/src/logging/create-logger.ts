import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import { SecretScrubber } from '../problems/secret-scrubber.js';
import { errorFields } from './error-fields.js';
import { HumanFormat } from './human-format.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level?: LogLevel;
  /** One JSON object a line, or lines for people; `auto` is for people on a terminal. */
  readonly format?: 'json' | 'human' | 'auto';
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
  /** Leading part of token strings, `tl` when absent. */
  readonly tokenBrand?: string;
}

/** Never logged, whoever hands them over. Token strings elsewhere in a line are cut to their prefix. */
const REDACTED = ['authorization', 'cookie', 'headers.authorization', 'headers.cookie', 'secret', 'token', 'body'];

const LEVEL_NAMES = { level: (label: string) => ({ level: label }) };

/** The process log: time, level, message and fields, one line each, free of secrets and of what hangs on errors. */
export function createLogger(options: LogOptions = {}): Logger {
  const { level = 'info', format = 'auto' } = options;
  const scrubber = new SecretScrubber(options.tokenBrand);
  const output = options.destination ?? process.stdout;
  const human = format === 'human' || (format === 'auto' && output === process.stdout && process.stdout.isTTY);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: LEVEL_NAMES,
      serializers: { err: errorFields },
      redact: { paths: REDACTED, censor: '[redacted]' },
      hooks: { streamWrite: (line) => scrubber.scrub(line) },
    },
    human ? new HumanFormat(output) : output,
  );
}
