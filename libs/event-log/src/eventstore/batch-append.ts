import { randomUUID } from 'node:crypto';
import { convertToCommandError, type EventStoreDBClient } from '@eventstore/db-client';
import type { CallOptions, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position } from '../position.js';
import type { EventToStore } from './event-codec.js';
import { NoAnswer } from './failure.js';

export interface StreamBatch {
  readonly stream: string;
  /** Last revision that the stream must have, -1n when it must be empty. */
  readonly base: bigint;
  /** At least one; together below the server's limit of 1 MiB. */
  readonly events: readonly EventToStore[];
}

/** `actual`: last revision of the stream, -1n when it holds nothing, null where the server does not say. */
export type BatchOutcome =
  | { readonly stored: true; readonly revision: bigint; readonly position: Position | null }
  | { readonly stored: false; readonly actual: bigint | null };

type Streams = InstanceType<typeof streamsGrpc.StreamsClient>;
type Call = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/** The part of the client that finds the leader, keeps the connection, and reconnects when a call fails. */
interface Executing {
  execute<Result>(
    service: typeof streamsGrpc.StreamsClient,
    name: string,
    action: (streams: Streams) => Promise<Result>,
  ): Promise<Result>;
  callArguments(options: { requiresLeader: boolean; deadline: number }): [Metadata, CallOptions];
}

/**
 * Appends in one call of its own. The client's `appendToStream` sends all appends of a process over one call and finds
 * their callers in one map: an error fails every append of every stream, and an answer that comes twice, or after such
 * an error, ends the process.
 * Throws what the client throws, and NoAnswer.
 */
export function batchAppend(client: EventStoreDBClient, batch: StreamBatch, timeoutMs: number): Promise<BatchOutcome> {
  const executing = client as unknown as Executing;
  return executing.execute(streamsGrpc.StreamsClient, 'batchAppend', (streams) => {
    const call = streams.batchAppend(...executing.callArguments({ requiresLeader: true, deadline: timeoutMs })) as Call;
    return new Promise<BatchOutcome>((resolve, reject) => {
      call.on('data', (answer: BatchAppendResp) => {
        try {
          resolve(outcomeOf(answer));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      call.on('error', (error: ServiceError) => reject(convertToCommandError(error)));
      call.on('end', () => reject(new NoAnswer('the server ended the call without an answer')));
      call.write(requestOf(batch));
      call.end();
    });
  });
}

function requestOf({ stream, base, events }: StreamBatch): BatchAppendReq {
  const options = new streamsPb.BatchAppendReq.Options();
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  options.setStreamIdentifier(identifier);
  if (base === -1n) options.setNoStream(new sharedPb.Empty());
  else options.setStreamPosition(base.toString());
  const request = new streamsPb.BatchAppendReq();
  request.setCorrelationId(uuid(randomUUID()));
  request.setOptions(options);
  request.setProposedMessagesList(events.map(messageOf));
  request.setIsFinal(true);
  return request;
}

function messageOf({ id, type, data, metadata }: EventToStore): BatchAppendReq.ProposedMessage {
  const message = new streamsPb.BatchAppendReq.ProposedMessage();
  message.setId(uuid(id));
  message.getMetadataMap().set('type', type);
  message.getMetadataMap().set('content-type', 'application/json');
  message.setData(bytes(data));
  message.setCustomMetadata(bytes(metadata));
  return message;
}

function outcomeOf(answer: BatchAppendResp): BatchOutcome {
  const success = answer.getSuccess();
  if (success !== undefined) {
    const position = success.getPosition()?.getCommitPosition();
    const revision = BigInt(success.getCurrentRevision());
    return { stored: true, revision, position: position === undefined ? null : (BigInt(position) as Position) };
  }
  const details = answer.getError()?.getDetails();
  const name = details?.getTypeName() ?? 'nothing';
  const wrong = details?.unpack(
    (encoded) => sharedPb.WrongExpectedVersion.deserializeBinary(encoded),
    'event_store.client.WrongExpectedVersion',
  );
  if (wrong) {
    if (wrong.hasCurrentStreamRevision()) return { stored: false, actual: BigInt(wrong.getCurrentStreamRevision()) };
    return { stored: false, actual: wrong.hasCurrentNoStream() ? -1n : null };
  }
  // The server gave up waiting: whether the events are stored is not known. Or it says in words alone, with details that
  // are empty, that it is not ready or too busy, as every node does while the cluster has no leader.
  const mayPass = [/\.Timeout$/, /\.Unknown$/, /^google\.protobuf\.Empty$/].some((type) => type.test(name));
  if (mayPass) throw new NoAnswer(`the server answered ${name} ${answer.getError()?.getMessage() ?? ''}`);
  throw new Error(`the server refused an append: ${name} ${answer.getError()?.getMessage() ?? ''}`);
}

function uuid(text: string): InstanceType<typeof sharedPb.UUID> {
  const id = new sharedPb.UUID();
  id.setString(text);
  return id;
}

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'utf8'));
