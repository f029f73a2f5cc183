import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import { type Position, START } from '../position.js';

export interface StreamRead {
  /** The server's name of it. */
  readonly stream: string;
  readonly isBackwards: boolean;
  /** Revision of the first event; null: the first one, or backwards the last one. */
  readonly from: bigint | null;
  readonly count: number;
}

export interface AllRead {
  readonly isBackwards: boolean;
  /** Forwards the event that stands here is read, backwards the one before it; null: backwards from the end. */
  readonly from: Position | null;
  readonly count: number;
  /** Only events of streams whose names match. */
  readonly pattern?: string | undefined;
}

/** Events that the server looks through at a time for those that match. */
const SEARCH_WINDOW = 4_096;
const { ReadReq } = streamsPb;
const { Options } = ReadReq;

/** A ReadReq of the protocol, as bytes. */
export function streamRequest({ stream, isBackwards, from, count }: StreamRead): Buffer {
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  const place = new Options.StreamOptions();
  place.setStreamIdentifier(identifier);
  if (from !== null) place.setRevision(from.toString());
  else if (isBackwards) place.setEnd(new sharedPb.Empty());
  else place.setStart(new sharedPb.Empty());
  const options = optionsOf(isBackwards);
  options.setCount(count.toString());
  options.setStream(place);
  options.setNoFilter(new sharedPb.Empty());
  return bytesOf(options);
}

/** A ReadReq of the protocol, as bytes. */
export function allRequest({ isBackwards, from, count, pattern }: AllRead): Buffer {
  const place = placeInAll(from);
  const options = optionsOf(isBackwards);
  options.setCount(count.toString());
  options.setAll(place);
  if (pattern === undefined) options.setNoFilter(new sharedPb.Empty());
  else options.setFilter(filterOf(pattern));
  return bytesOf(options);
}

/** A ReadReq of the protocol, as bytes: for each event that is stored after a position, in streams whose names match. */
export function subscriptionRequest(after: Position, pattern: string): Buffer {
  const options = optionsOf(false);
  options.setAll(placeInAll(after));
  options.setSubscription(new Options.SubscriptionOptions());
  options.setFilter(filterOf(pattern));
  return bytesOf(options);
}

function placeInAll(from: Position | null): InstanceType<typeof Options.AllOptions> {
  const place = new Options.AllOptions();
  if (from === null) place.setEnd(new sharedPb.Empty());
  else if (from === START) place.setStart(new sharedPb.Empty());
  else {
    const position = new Options.Position();
    position.setCommitPosition(from.toString());
    position.setPreparePosition(from.toString());
    place.setPosition(position);
  }
  return place;
}

function optionsOf(isBackwards: boolean): InstanceType<typeof Options> {
  const options = new Options();
  const { BACKWARDS, FORWARDS } = Options.ReadDirection;
  options.setReadDirection(isBackwards ? BACKWARDS : FORWARDS);
  options.setResolveLinks(false);
  const ids = new Options.UUIDOption();
  ids.setString(new sharedPb.Empty());
  options.setUuidOption(ids);
  return options;
}

function filterOf(pattern: string): InstanceType<typeof Options.FilterOptions> {
  const expression = new Options.FilterOptions.Expression();
  expression.setRegex(pattern);
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(expression);
  filter.setMax(SEARCH_WINDOW);
  filter.setCheckpointintervalmultiplier(1);
  return filter;
}

function bytesOf(options: InstanceType<typeof Options>): Buffer {
  const request = new ReadReq();
  request.setOptions(options);
  return Buffer.from(request.serializeBinary());
}
