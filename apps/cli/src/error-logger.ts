import type { Logger } from 'pino';
import type { Settings } from '#libs/config';
import { createLogger, type LogLevel } from '#libs/http';

/** Standard output belongs to what was asked for. */
export function errorLogger({ logLevel, brand }: Settings): Logger {
  const destination = { write: (line: string) => void process.stderr.write(line) };
  const format = process.stderr.isTTY ? 'human' : 'json';
  return createLogger({ level: logLevel as LogLevel, tokenBrand: brand, format, destination });
}
