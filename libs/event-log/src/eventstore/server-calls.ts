import type { EventStoreDBClient } from '@eventstore/db-client';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { CallOptions, Client, ClientDuplexStream, ClientReadableStream, Metadata } from '@grpc/grpc-js';

type StreamsClient = typeof streamsGrpc.StreamsClient;

/** The part of the client that finds the leader, keeps the connection, and reconnects when a call fails. */
interface Executing {
  execute<Result>(
    service: StreamsClient,
    name: string,
    action: (streams: InstanceType<StreamsClient>) => Promise<Result>,
  ): Promise<Result>;
  callArguments(options: { requiresLeader: boolean; deadline: number }): [Metadata, CallOptions];
}

/** Bytes as they go over the wire, from a request or for an answer. */
export type Decode<Answer> = (bytes: Buffer) => Answer;

const { read, batchAppend } = streamsGrpc.StreamsService;
const asItIs = (bytes: Buffer) => bytes;

/**
 * Calls of the server over the client's connection, whose messages are made and read here: those that the client makes of
 * them cost several times what the ledger needs of them. All are made to the leader, which alone knows what was acknowledged.
 */
export class ServerCalls {
  private readonly executing: Executing;

  constructor(client: EventStoreDBClient) {
    this.executing = client as unknown as Executing;
  }

  /**
   * Makes something of the connection of this moment: another one after a failure, or when the leader has changed. What
   * `action` throws decides whether the client connects anew.
   */
  execute<Result>(name: string, action: (connection: Client) => Promise<Result>): Promise<Result> {
    return this.executing.execute(streamsGrpc.StreamsClient, name, (streams) => action(streams as unknown as Client));
  }

  /** `request`: a serialized ReadReq. Each ReadResp is given to `decode`. */
  read<Answer>(
    connection: Client,
    request: Buffer,
    decode: Decode<Answer>,
    withinMs: number,
  ): ClientReadableStream<Answer> {
    const [metadata, options] = this.callArguments(withinMs);
    return connection.makeServerStreamRequest(read.path, asItIs, decode, request, metadata, options);
  }

  /** Each request: a serialized BatchAppendReq. Lasts until it fails or is cancelled. */
  batchAppend<Answer>(connection: Client, decode: Decode<Answer>): ClientDuplexStream<Buffer, Answer> {
    const [metadata, options] = this.callArguments(Infinity);
    return connection.makeBidiStreamRequest(batchAppend.path, asItIs, decode, metadata, options);
  }

  private callArguments(deadline: number): [Metadata, CallOptions] {
    return this.executing.callArguments({ requiresLeader: true, deadline });
  }
}
