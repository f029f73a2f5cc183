/** What was typed cannot be done; the message says why in a sentence. */
export class UsageError extends Error {
  override name = 'UsageError';
}
