import { categoryOf, type StreamCategory } from '#libs/contracts';
import type { AppendRequest, AppendResult, ExpectedRevision } from './event-log.js';
import { encodeEvent } from './event-text.js';
import type { Position } from './position.js';

/** What a request adds to one stream, as it was when the request was handed in. */
export interface WaitingAppend {
  readonly stream: string;
  readonly category: StreamCategory;
  readonly expected: ExpectedRevision;
  readonly ids: readonly string[];
  /** The events' texts, separated by newlines. */
  readonly text: string;
}

/** A request from when it is handed in until it is answered. */
export interface WaitingRequest {
  readonly appends: readonly WaitingAppend[];
  /** As the request says it. */
  readonly securityAt: Position | null;
  /** Characters of all its texts. */
  readonly size: number;
  /** Answers whoever handed it in. Later answers than the first are ignored. */
  answer(answer: AppendResult | Error): void;
}

/** `answer` is called once. */
export function waitingRequest(request: AppendRequest, answer: (answer: AppendResult | Error) => void): WaitingRequest {
  let size = 0;
  const appends = request.streams.map(({ stream, expected, events }) => {
    const text = events.map(encodeEvent).join('\n');
    size += text.length;
    return { stream, category: categoryOf(stream), expected, ids: events.map(({ id }) => id), text };
  });
  let isAnswered = false;
  return {
    appends,
    securityAt: request.securityAt ?? null,
    size,
    answer: (result) => {
      if (!isAnswered) answer(result);
      isAnswered = true;
    },
  };
}
