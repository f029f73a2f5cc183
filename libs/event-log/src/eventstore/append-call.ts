import { randomUUID } from 'node:crypto';
import { convertToCommandError } from '@eventstore/db-client';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { batchOutcome, type BatchOutcome, batchRequest, type StreamBatch } from './batch-append.js';
import { NoAnswer } from './failure.js';

interface Unanswered {
  readonly settle: (outcome: BatchOutcome | Error) => void;
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
      const settle = (outcome: BatchOutcome | Error) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
      this.unanswered.set(id, { settle, timer });
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
    const id = answer.getCorrelationId()?.getString() ?? '';
    this.settle(id, () => batchOutcome(answer));
    if (this.isEnded && this.unanswered.size === 0) this.call.cancel();
  }

  private giveUp(id: string): void {
    this.isEnded = true;
    this.settle(id, () => new NoAnswer(`no answer within ${this.answerWithinMs} ms`));
    if (this.unanswered.size === 0) this.call.cancel();
  }

  private fail(error: Error): void {
    this.isEnded = true;
    for (const id of [...this.unanswered.keys()]) this.settle(id, () => error);
  }

  private settle(id: string, outcome: () => BatchOutcome | Error): void {
    const unanswered = this.unanswered.get(id);
    if (!unanswered) return;
    this.unanswered.delete(id);
    clearTimeout(unanswered.timer);
    try {
      unanswered.settle(outcome());
    } catch (error) {
      unanswered.settle(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
