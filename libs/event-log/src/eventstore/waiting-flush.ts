import type { WaitingRequest } from '../waiting-request.js';

export interface FlushChoice {
  readonly isWanted: (request: WaitingRequest) => boolean;
  /** Streams that are being written. */
  readonly busy: ReadonlySet<string>;
  readonly requestsMax: number;
  /** Characters of all events; a single request may be larger. */
  readonly sizeMax: number;
}

/**
 * Takes the next flush out of `waiting`: requests that are wanted, in their order. One that has a stream in common with a
 * request that is left before it, or with `busy`, is left too, because it may build on that one.
 */
export function takeFlush(waiting: WaitingRequest[], choice: FlushChoice): WaitingRequest[] {
  const { isWanted, busy, requestsMax, sizeMax } = choice;
  const taken: WaitingRequest[] = [];
  const left = new Set<string>();
  let size = 0;
  let kept = 0;
  let isFull = false;
  for (const request of waiting) {
    isFull ||= taken.length === requestsMax;
    if (!isFull && isWanted(request) && !touches(request, busy) && !touches(request, left)) {
      isFull = taken.length > 0 && size + request.size > sizeMax;
      if (!isFull) {
        taken.push(request);
        size += request.size;
        continue;
      }
    }
    if (!isFull) for (const { stream } of request.appends) left.add(stream);
    waiting[kept] = request;
    kept += 1;
  }
  waiting.length = kept;
  return taken;
}

function touches({ appends }: WaitingRequest, streams: ReadonlySet<string>): boolean {
  return streams.size > 0 && appends.some(({ stream }) => streams.has(stream));
}
