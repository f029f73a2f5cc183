import { randomUUID } from 'node:crypto';
import { convertToCommandError } from '@eventstore/db-client';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { batchOutcome, type BatchOutcome, batchRequest, type StreamBatch } from './batch-append.js';
import { NoAnswer } from './failure.js';

interface Unanswered {
  readonly resolve: (outcome: BatchOutcome) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** One call of the protocol, over which any number of appends are sent and answered, each under an id of its own. */
export class AppendCall {
  private readonly unanswered = new Map<string, Unanswered>();
  private isEnded = false;

  constructor(
    private readonly call: ClientDuplexStream<Buffer, BatchAppendResp>,
    private readonly answerWithinMs: number,
  ) {
    call.on('data', (answer: BatchAppendResp) => this.take(answer));
    call.on('error', (error: ServiceError) => this.fail(convertToCommandError(error)));
    call.on('end', () => this.fail(new NoAnswer('the server ended the call without an answer')));
  }

  /** False when it has failed, or an answer did not come in time: whatever comes next takes another call. */
  get isOpen(): boolean {
    return !this.isEnded;
  }

  /** Throws what the client throws, and NoAnswer. */
  append(batch: StreamBatch): Promise<BatchOutcome> {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.giveUp(id), this.answerWithinMs);
      this.unanswered.set(id, { resolve, reject, timer });
      this.call.write(batchRequest(id, batch));
    });
  }

  /** What is not answered by now fails. */
  cancel(): void {
    this.fail(new NoAnswer('the call was given up'));
    this.call.cancel();
  }

  /** An answer that nobody waits for is left: it came twice, or too late. */
  private take(answer: BatchAppendResp): void {
    const unanswered = this.remove(answer.getCorrelationId()?.getString() ?? '');
    try {
      unanswered?.resolve(batchOutcome(answer));
    } catch (error) {
      unanswered?.reject(error);
    }
    this.leaveWhenDone();
  }

  private giveUp(id: string): void {
    this.isEnded = true;
    this.remove(id)?.reject(new NoAnswer(`no answer within ${this.answerWithinMs} ms`));
    this.leaveWhenDone();
  }

  private fail(error: Error): void {
    this.isEnded = true;
    for (const id of [...this.unanswered.keys()]) this.remove(id)?.reject(error);
  }

  private remove(id: string): Unanswered | undefined {
    const unanswered = this.unanswered.get(id);
    clearTimeout(unanswered?.timer);
    this.unanswered.delete(id);
    return unanswered;
  }

  private leaveWhenDone(): void {
    if (this.isEnded && this.unanswered.size === 0) this.call.cancel();
  }
}
