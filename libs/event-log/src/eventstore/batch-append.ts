import protobuf from 'protobufjs/minimal.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Position } from '../position.js';
import type { EventToStore } from './event-codec.js';
import { NoAnswer } from './failure.js';
import { ENTRY, IDENTIFIER, UUID } from './protocol-fields.js';

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

/** Numbers of the fields in streams.proto. */
const REQUEST = { correlationId: 1, options: 2, messages: 3, isFinal: 4 } as const;
const OPTIONS = { stream: 1, revision: 2, noStream: 3 } as const;
const MESSAGE = { id: 1, properties: 2, metadata: 3, data: 4 } as const;
const [UNSIGNED, LENGTH_DELIMITED] = [0, 2];

/**
 * One append as it is sent, a BatchAppendReq of the protocol (streams.proto of the server), as bytes: the classes of the
 * client take several times as long. `correlationId`, a UUID, is that of its answer.
 */
export function batchRequest(correlationId: string, { stream, base, events }: StreamBatch): Buffer {
  const writer = protobuf.Writer.create();
  message(writer, REQUEST.correlationId, () => text(writer, UUID.text, correlationId));
  message(writer, REQUEST.options, () => {
    message(writer, OPTIONS.stream, () => text(writer, IDENTIFIER.name, stream));
    if (base === -1n) message(writer, OPTIONS.noStream, () => undefined);
    else writer.uint32(tag(OPTIONS.revision, UNSIGNED)).uint64(base.toString());
  });
  for (const { id, type, data, metadata } of events) {
    message(writer, REQUEST.messages, () => {
      message(writer, MESSAGE.id, () => text(writer, UUID.text, id));
      property(writer, 'type', type);
      property(writer, 'content-type', 'application/json');
      text(writer, MESSAGE.metadata, metadata);
      text(writer, MESSAGE.data, data);
    });
  }
  writer.uint32(tag(REQUEST.isFinal, UNSIGNED)).bool(true);
  return writer.finish() as Buffer;
}

const tag = (field: number, wireType: number): number => (field << 3) | wireType;

function message(writer: protobuf.Writer, field: number, write: () => void): void {
  writer.uint32(tag(field, LENGTH_DELIMITED)).fork();
  write();
  writer.ldelim();
}

function property(writer: protobuf.Writer, key: string, value: string): void {
  message(writer, MESSAGE.properties, () => {
    text(writer, ENTRY.key, key);
    text(writer, ENTRY.value, value);
  });
}

function text(writer: protobuf.Writer, field: number, value: string): void {
  writer.uint32(tag(field, LENGTH_DELIMITED)).string(value);
}

/** Throws NoAnswer where the server leaves open what became of the append, Error where it refused it for good. */
export function batchOutcome(answer: BatchAppendResp): BatchOutcome {
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
