/** What stops a launcher before its work has begun: a sentence for the user, and the code to leave with. */
export class PreparationError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
