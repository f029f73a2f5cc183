import { ErrorType, isCommandError } from '@eventstore/db-client';

/** The server did not answer in time: whether it did what was asked is not known. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

const MAY_PASS: ReadonlySet<string> = new Set([
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.NOT_LEADER,
  // «Server Is Not Ready», while a node that was started again finds its place in the cluster.
  ErrorType.UNKNOWN,
]);

/**
 * Of gRPC: cancelled, unknown, deadline exceeded, internal (a connection that was closed under the call), unavailable.
 * A server that is down rejects with a plain Error.
 */
const PASSING_CODES: ReadonlySet<unknown> = new Set([1, 2, 4, 13, 14]);

/** True when the same call may succeed a moment later; what it did before it failed is then unknown. */
export function mayPass(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof Error)) return false;
  if (isCommandError(error)) return MAY_PASS.has(error.type);
  return ('code' in error && PASSING_CODES.has(error.code)) || error.message.startsWith('Failed to discover');
}
