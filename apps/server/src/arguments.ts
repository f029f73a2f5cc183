/** The command line holds something that the server does not know; the message says what it knows. */
export class InvalidArguments extends Error {
  override name = 'InvalidArguments';

  constructor(argument: string) {
    super(
      `${argument} is not an argument of the server. It takes --demo, or nothing; everything else is set by ` +
        'environment variables.',
    );
  }
}

/** What the command line asks for. Throws InvalidArguments, so that a typing error does not start something else. */
export function readArguments(args: readonly string[]): { readonly demo: boolean } {
  const unknown = args.find((argument) => argument !== '--demo');
  if (unknown !== undefined) throw new InvalidArguments(unknown);
  return { demo: args.length > 0 };
}
