/** A broken invariant: a mistake of the program, never of its user. It has no error code and dies with its request. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation';
}

/** Throws InvariantViolation unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantViolation(message);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never, what = 'value'): never {
  throw new InvariantViolation(`unexpected ${what}: ${String(value)}`);
}
