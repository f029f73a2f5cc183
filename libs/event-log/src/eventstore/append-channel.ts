import type { Client } from '@grpc/grpc-js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { AppendCall } from './append-call.js';
import type { BatchOutcome, StreamBatch } from './batch-append.js';
import type { ServerCalls } from './server-calls.js';

const { BatchAppendResp } = streamsPb;

/**
 * Sends appends over one call that lasts: a call of its own costs several times what its append costs. The client's
 * `appendToStream` does so too, but finds the callers of the whole process in one map: there an error fails every append
 * of every server, and an answer that comes twice, or after such an error, ends the process.
 */
export class AppendChannel {
  private current: { readonly connection: Client; readonly call: AppendCall } | null = null;

  constructor(
    private readonly calls: ServerCalls,
    /** Longest time for the answer to one append. */
    private readonly answerWithinMs: number,
  ) {}

  /** Throws what the client throws, and NoAnswer. When a call fails, so do all appends that are under way over it. */
  append(batch: StreamBatch): Promise<BatchOutcome> {
    return this.calls.execute('batchAppend', (connection) => this.callOver(connection).append(batch));
  }

  close(): void {
    this.current?.call.cancel();
    this.current = null;
  }

  /** A new one after a failure, and over each connection. */
  private callOver(connection: Client): AppendCall {
    if (this.current?.connection === connection && this.current.call.isOpen) return this.current.call;
    const lasting = this.calls.batchAppend(connection, (bytes) => BatchAppendResp.deserializeBinary(bytes));
    this.current = { connection, call: new AppendCall(lasting, this.answerWithinMs) };
    return this.current.call;
  }
}
