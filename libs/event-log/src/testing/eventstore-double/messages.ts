import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { ProposedEvent } from './proposed-event.js';
import type { ExpectedByServer, StoredEvent, StoredOutcome } from './stored-streams.js';

type Proposed = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage;

export function proposedEvent(message: Proposed): ProposedEvent {
  return {
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

export function nameOf(identifier: { getStreamName_asU8(): Uint8Array } | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function expectedOfAppend(options: AppendReq.Options): ExpectedByServer {
  if (options.hasRevision()) return BigInt(options.getRevision());
  if (options.hasNoStream()) return -1n;
  return options.hasStreamExists() ? 'exists' : null;
}

export function expectedOfBatch(options: BatchAppendReq.Options): ExpectedByServer {
  if (options.hasStreamPosition()) return BigInt(options.getStreamPosition());
  if (options.hasNoStream()) return -1n;
  return options.hasStreamExists() ? 'exists' : null;
}

export function appendAnswer(outcome: StoredOutcome): AppendResp {
  const answer = new streamsPb.AppendResp();
  if (outcome.stored) {
    const success = new streamsPb.AppendResp.Success();
    success.setCurrentRevision(outcome.revision.toString());
    const position = new streamsPb.AppendResp.Position();
    position.setCommitPosition(outcome.position.toString());
    position.setPreparePosition(outcome.position.toString());
    success.setPosition(position);
    answer.setSuccess(success);
    return answer;
  }
  const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
  if (outcome.actual < 0n) wrong.setCurrentNoStream(new sharedPb.Empty());
  else wrong.setCurrentRevision(outcome.actual.toString());
  answer.setWrongExpectedVersion(wrong);
  return answer;
}

export function batchAnswer(correlationId: UUID | undefined, outcome: StoredOutcome): BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp();
  answer.setCorrelationId(correlationId);
  if (!outcome.stored) {
    const wrong = new sharedPb.WrongExpectedVersion();
    if (outcome.actual < 0n) wrong.setCurrentNoStream(new emptyPb.Empty());
    else wrong.setCurrentStreamRevision(outcome.actual.toString());
    answer.setError(statusOf('event_store.client.WrongExpectedVersion', wrong.serializeBinary()));
    return answer;
  }
  const success = new streamsPb.BatchAppendResp.Success();
  success.setCurrentRevision(outcome.revision.toString());
  // The real server recognises a repeated append, and may not say where it stands.
  if (outcome.isRepeated) success.setNoPosition(new emptyPb.Empty());
  else {
    const position = new sharedPb.AllStreamPosition();
    position.setCommitPosition(outcome.position.toString());
    position.setPreparePosition(outcome.position.toString());
    success.setPosition(position);
  }
  answer.setSuccess(success);
  return answer;
}

export function refusedBatch(correlationId: UUID | undefined, type: string): BatchAppendResp {
  const answer = new streamsPb.BatchAppendResp();
  answer.setCorrelationId(correlationId);
  answer.setError(statusOf(type, new Uint8Array()));
  return answer;
}

function statusOf(type: string, value: Uint8Array) {
  const details = new anyPb.Any();
  details.setTypeUrl(`type.googleapis.com/${type}`);
  details.setValue(value);
  const status = new statusPb.Status();
  status.setMessage(type);
  status.setDetails(details);
  return status;
}

export function eventAnswer(event: StoredEvent): ReadResp {
  const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  const id = new sharedPb.UUID();
  id.setString(event.id);
  recorded.setId(id);
  const stream = new sharedPb.StreamIdentifier();
  stream.setStreamName(Uint8Array.from(Buffer.from(event.stream, 'utf8')));
  recorded.setStreamIdentifier(stream);
  recorded.setStreamRevision(event.revision.toString());
  recorded.setCommitPosition(event.position.toString());
  recorded.setPreparePosition(event.position.toString());
  recorded.getMetadataMap().set('type', event.type);
  recorded.getMetadataMap().set('content-type', event.contentType);
  recorded.getMetadataMap().set('created', event.created);
  recorded.setCustomMetadata(Uint8Array.from(event.metadata));
  recorded.setData(Uint8Array.from(event.data));
  const read = new streamsPb.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(event.position.toString());
  const answer = new streamsPb.ReadResp();
  answer.setEvent(read);
  return answer;
}

export function notFoundAnswer(stream: string): ReadResp {
  const notFound = new streamsPb.ReadResp.StreamNotFound();
  const identifier = new sharedPb.StreamIdentifier();
  identifier.setStreamName(Uint8Array.from(Buffer.from(stream, 'utf8')));
  notFound.setStreamIdentifier(identifier);
  const answer = new streamsPb.ReadResp();
  answer.setStreamNotFound(notFound);
  return answer;
}

export function confirmedAnswer(): ReadResp {
  const confirmation = new streamsPb.ReadResp.SubscriptionConfirmation();
  confirmation.setSubscriptionId('double');
  const answer = new streamsPb.ReadResp();
  answer.setConfirmation(confirmation);
  return answer;
}

export function caughtUpAnswer(): ReadResp {
  const answer = new streamsPb.ReadResp();
  answer.setCaughtUp(new streamsPb.ReadResp.CaughtUp());
  return answer;
}
