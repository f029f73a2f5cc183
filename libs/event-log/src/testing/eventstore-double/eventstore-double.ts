import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerWritableStream,
  type sendUnaryData,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { freePort } from '#libs/kernel/testing';
import { AppendFaults, type Fault } from './append-faults.js';
import {
  appendAnswer,
  batchAnswer,
  expectedOfAppend,
  expectedOfBatch,
  nameOf,
  proposedEvent,
  refusedBatch,
} from './messages.js';
import type { ProposedEvent } from './proposed-event.js';
import { answerRead } from './read-answers.js';
import { StoredStreams } from './stored-streams.js';

/** The real server's default. */
const APPEND_SIZE_MAX = 1024 * 1024;

/**
 * A double of EventStoreDB for tests: it speaks the server's protocol, by the client's own definitions of it, and does
 * what was seen on a real one as far as the ledger's adapter asks for it. It can fail as a server and a network do. What
 * passes on it is no evidence about the real server.
 */
export class EventStoreDouble {
  readonly streams = new StoredStreams();
  readonly faults = new AppendFaults();
  /** In answer to reads, subscriptions left out. */
  eventsSent = 0;
  /** Where the last read began that looks for events of some streams alone. */
  searchedFrom = 0n;
  /** Appends that reached it. */
  appends = 0;
  private server: Server | null = null;

  private constructor(readonly port: number) {}

  static async start(): Promise<EventStoreDouble> {
    const double = new EventStoreDouble(await freePort());
    await double.listen();
    return double;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Makes the next appends fail, one fault each. */
  inject(...faults: Fault[]): void {
    this.faults.add(...faults);
  }

  /** Breaks every connection and call, and is away until `listen`. */
  kill(): void {
    this.server?.forceShutdown();
    this.server = null;
  }

  async listen(): Promise<void> {
    const server = new Server();
    server.addService(streamsGrpc.StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => this.read(call),
      append: (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>) =>
        this.append(call, answer),
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => this.batchAppend(call),
      delete: refuseCall,
      tombstone: refuseCall,
    });
    server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: sendUnaryData<InstanceType<typeof featuresPb.SupportedMethods>>) =>
        answer(null, supportedMethods()),
    });
    await new Promise<void>((resolve, reject) => {
      const bound = (error: Error | null) => (error ? reject(error) : resolve());
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), bound);
    });
    this.server = server;
  }

  private read(call: ServerWritableStream<ReadReq, ReadResp>): void {
    const options = call.request.getOptions();
    const isSearch = options?.hasFilter() === true && !options.hasSubscription();
    if (isSearch) this.searchedFrom = BigInt(options.getAll()?.getPosition()?.getCommitPosition() ?? 0);
    this.eventsSent += answerRead(call, this.streams);
  }

  /** For the client's own appends, which set the metadata of streams. */
  private append(call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): void {
    const messages: AppendReq[] = [];
    call.on('data', (message: AppendReq) => messages.push(message));
    call.on('end', () => {
      const options = messages[0]?.getOptions();
      const events = messages.flatMap((message) => message.getProposedMessage() ?? []).map(proposedEvent);
      if (!options) return answer({ code: status.INVALID_ARGUMENT });
      const stream = nameOf(options.getStreamIdentifier());
      answer(null, appendAnswer(this.streams.append(stream, expectedOfAppend(options), events)));
    });
  }

  private batchAppend(call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
    const events: ProposedEvent[] = [];
    let options: BatchAppendReq.Options | undefined;
    const answers: Promise<void>[] = [];
    call.on('data', (message: BatchAppendReq) => {
      options = message.getOptions() ?? options;
      events.push(...message.getProposedMessagesList().map(proposedEvent));
      if (!message.getIsFinal() || !options) return;
      const batch = { options, events: events.splice(0), id: message.getCorrelationId() };
      answers.push(this.storeBatch(call, batch));
    });
    call.on('end', () => void Promise.all(answers).then(() => call.end()));
    call.on('error', () => undefined);
  }

  /** Stores at once, so in the order of arrival; one answer does not wait for another. */
  private async storeBatch(
    call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
    {
      options,
      events,
      id,
    }: { options: BatchAppendReq.Options; events: ProposedEvent[]; id: Parameters<typeof batchAnswer>[0] },
  ): Promise<void> {
    this.appends += 1;
    const size = events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
    if (size > APPEND_SIZE_MAX) {
      call.write(refusedBatch(id, 'event_store.client.MaximumAppendSizeExceeded'));
      return;
    }
    const fault = this.faults.next();
    if (fault === 'unavailable') return fail(call, status.UNAVAILABLE, 'the double is away');
    if (fault === 'notLeader') return fail(call, status.NOT_FOUND, 'Leader info available', this.leader());
    if (fault === 'timeout') return void call.write(refusedBatch(id, 'event_store.client.Timeout'));
    if (fault === 'notReady') return void call.write(refusedBatch(id, 'google.protobuf.Empty'));
    const stream = nameOf(options.getStreamIdentifier());
    const answer = batchAnswer(id, this.streams.append(stream, expectedOfBatch(options), events));
    if (fault === 'dropAfterCommit') return fail(call, status.UNAVAILABLE, 'the connection is lost');
    if (fault === 'restartAfterCommit') return this.restart();
    if (fault === 'delayedAnswer') await this.faults.released();
    call.write(answer);
    if (fault === 'answerTwice') call.write(answer);
  }

  private async restart(): Promise<void> {
    this.kill();
    await this.listen();
  }

  private leader(): Metadata {
    const metadata = new Metadata();
    metadata.set('exception', 'not-leader');
    metadata.set('leader-endpoint-host', '127.0.0.1');
    metadata.set('leader-endpoint-port', String(this.port));
    return metadata;
  }
}

function fail(
  call: ServerDuplexStream<unknown, unknown>,
  code: status,
  details: string,
  metadata = new Metadata(),
): void {
  call.emit('error', { code, details, metadata, name: 'ServiceError', message: details } satisfies ServiceError);
}

function refuseCall(_call: unknown, answer: sendUnaryData<unknown>): void {
  answer({ code: status.UNIMPLEMENTED });
}

function supportedMethods(): InstanceType<typeof featuresPb.SupportedMethods> {
  const methods = new featuresPb.SupportedMethods();
  methods.setEventStoreServerVersion('23.10.8-double');
  // Without batchAppend in it the client's own appends take the plain way; they only set metadata.
  methods.setMethodsList([]);
  return methods;
}
