import { type ServerWritableStream, status } from '@grpc/grpc-js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { caughtUpAnswer, confirmedAnswer, eventAnswer, nameOf, notFoundAnswer } from './messages.js';
import type { StoredEvent, StoredStreams } from './stored-streams.js';

type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/** Answers a read, or begins a subscription that goes on until the call ends. Returns how many events a read was sent. */
export function answerRead(call: ReadCall, streams: StoredStreams): number {
  const options = call.request.getOptions();
  if (options?.hasSubscription()) {
    subscribe(call, options, streams);
    return 0;
  }
  const sent = options === undefined ? [] : asked(call, options, streams);
  if (sent === null) call.emit('error', MISREAD);
  else call.end();
  return sent?.length ?? 0;
}

/** Sends the events that a read asks for, and returns them; null for one that the server fails. */
function asked(call: ReadCall, options: ReadReq.Options, streams: StoredStreams): StoredEvent[] | null {
  if (readsBetweenEvents(options, streams)) return null;
  const stream = options.hasStream() ? nameOf(options.getStream()?.getStreamIdentifier()) : null;
  if (stream !== null && streams.tailOf(stream) < 0n) call.write(notFoundAnswer(stream));
  const found = stream === null ? fromAll(options, streams) : fromStream(options, streams.visible(stream));
  const events = found.filter(matcher(options)).slice(0, Number(options.getCount()));
  for (const event of events) call.write(eventAnswer(event));
  return events;
}

/** What the server says of the bytes that it took for a record. */
const MISREAD = Object.assign(new Error('Unexpected ReadAllResult: Error'), { code: status.UNKNOWN });

/** The server reads $all forwards from where an event stands, or from its very beginning, or fails. */
function readsBetweenEvents(options: ReadReq.Options, streams: StoredStreams): boolean {
  const from = options.getAll();
  if (isBackward(options) || !from?.hasPosition()) return false;
  const position = BigInt(from.getPosition()?.getCommitPosition() ?? 0);
  return position !== 0n && !streams.all.some((event) => event.position === position);
}

function fromStream(options: ReadReq.Options, events: StoredEvent[]): StoredEvent[] {
  const from = options.getStream();
  const isBackwards = isBackward(options);
  const revision = from?.hasRevision() ? BigInt(from.getRevision()) : null;
  if (isBackwards) return events.filter((event) => revision === null || event.revision <= revision).reverse();
  return from?.hasEnd() ? [] : events.filter((event) => revision === null || event.revision >= revision);
}

/** A position is that of an event; forwards the event itself is read, backwards the one before it. */
function fromAll(options: ReadReq.Options, streams: StoredStreams): StoredEvent[] {
  const from = options.getAll();
  const position = from?.hasPosition() ? BigInt(from.getPosition()?.getCommitPosition() ?? 0) : null;
  if (isBackward(options)) {
    return streams.all.filter((event) => position === null || event.position < position).reverse();
  }
  return from?.hasEnd() ? [] : streams.all.filter((event) => position === null || event.position >= position);
}

function subscribe(call: ReadCall, options: ReadReq.Options, streams: StoredStreams): void {
  const matches = matcher(options);
  const from = options.getAll();
  const after = from?.hasPosition() ? BigInt(from.getPosition()?.getCommitPosition() ?? 0) : -1n;
  const stop = streams.onStored((event) => {
    if (matches(event)) call.write(eventAnswer(event));
  });
  call.on('cancelled', stop);
  call.on('close', stop);
  call.write(confirmedAnswer());
  if (!from?.hasEnd()) {
    for (const event of streams.all) if (event.position > after && matches(event)) call.write(eventAnswer(event));
  }
  call.write(caughtUpAnswer());
}

function matcher(options: ReadReq.Options): (event: StoredEvent) => boolean {
  const expression = options.getFilter()?.getStreamIdentifier();
  const pattern = expression?.getRegex() ? new RegExp(expression.getRegex()) : null;
  const prefixes = expression?.getPrefixList() ?? [];
  return ({ stream }) => {
    if (pattern) return pattern.test(stream);
    return prefixes.length === 0 || prefixes.some((prefix) => stream.startsWith(prefix));
  };
}

function isBackward(options: ReadReq.Options): boolean {
  return options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;
}
