import type { DestinationStream } from 'pino';

type Line = Readonly<Record<string, unknown>>;

/** Turns the JSON lines of the log into lines for people: `12:00:01 warn  message key=value`. */
export class HumanFormat implements DestinationStream {
  constructor(private readonly output: DestinationStream) {}

  write(line: string): void {
    this.output.write(humanLine(JSON.parse(line) as Line));
  }
}

function humanLine({ time, level, msg, err, ...fields }: Line): string {
  const clock = String(time).slice(11, 19);
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
  return `${clock} ${String(level).padEnd(5)} ${typeof msg === 'string' ? msg : ''}${rest.join('')}\n${stackOf(err)}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function stackOf(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message } = err as { stack?: unknown; message?: unknown };
  return `  ${String(stack ?? message).replaceAll('\n', '\n  ')}\n`;
}
