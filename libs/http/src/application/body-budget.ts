import type { FastifyRequest } from 'fastify';
import { BODY_LIMIT_BYTES } from './fastify-options.js';

/** A body up to this size is not counted: so many of them as there may be connections are no danger. */
const SMALL_BYTES = 16 * 1024;
/** What all large bodies that are being received may come to together. */
const BUDGET_BYTES = 128 * 1024 * 1024;

/**
 * Bounds the memory that bodies under way can take. Each route bounds one body and the server bounds connections, but
 * the product of the two is far more than a machine has, and anyone may begin to send.
 */
export class BodyBudget {
  /** Requests that were turned away so far. */
  rejected = 0;
  private bytes = 0;

  constructor(private readonly budgetBytes = BUDGET_BYTES) {}

  /** Bytes of large bodies that are being received. */
  get underWayBytes(): number {
    return this.bytes;
  }

  /** False when the body of the request does not fit now; otherwise its place is kept until the body is there, or lost. */
  admit(request: FastifyRequest): boolean {
    const { headers, raw } = request;
    const { 'content-length': length } = headers;
    if (length === undefined && headers['transfer-encoding'] === undefined) return true;
    // A body of unknown length may come to the limit; one that says more than the limit is refused for that.
    const announced = length === undefined ? Infinity : Number(length);
    if (!(announced > SMALL_BYTES)) return true;
    // Asked for last: Fastify puts together all options of the route for it.
    const size = Math.min(announced, request.routeOptions.bodyLimit ?? BODY_LIMIT_BYTES);
    if (size <= SMALL_BYTES) return true;
    if (this.bytes + size > this.budgetBytes) {
      this.rejected += 1;
      return false;
    }
    this.bytes += size;
    raw.once('close', () => {
      this.bytes -= size;
    });
    return true;
  }
}
