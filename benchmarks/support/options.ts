import { parseArgs } from 'node:util';

/** An option of a benchmark: its default, and what it means. */
export interface OptionSpec {
  readonly value: string;
  readonly help: string;
}

/** A command line that cannot be understood; the message is what the person who typed it needs. */
export class BadUsage extends Error {
  override name = 'BadUsage';
}

/** Options of the form `--name value`, as text; every name of `specs` has a value. Throws BadUsage. */
export function readOptions<Name extends string>(
  specs: Readonly<Record<Name, OptionSpec>>,
  args: readonly string[],
): Record<Name, string> {
  const names = Object.keys(specs) as Name[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const usage = names.map((name) => `  --${name.padEnd(16)} ${specs[name].help} (${specs[name].value})`).join('\n');
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    return Object.fromEntries(names.map((name) => [name, values[name] ?? specs[name].value])) as Record<Name, string>;
  } catch (error) {
    throw new BadUsage(`${(error as Error).message}\nOptions:\n${usage}`);
  }
}

/** A whole number of at least `min`. Throws BadUsage. */
export function wholeNumber(name: string, text: string, min = 1): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < min) {
    throw new BadUsage(`--${name} must be a whole number of at least ${min}, and not "${text}"`);
  }
  return number;
}
